"""The gate of an application: token, size, time, and the commit before the answer.

Plain ASGI. It holds the answer back until the transaction has committed, so a client that sees a
success can rely on it, and a commit that fails becomes an error answer. An answer that comes in
parts (an export) passes through as it comes; its transaction must not have written anything.
"""

import asyncio
import logging
from uuid import UUID

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from libs.common.ids import new_id
from libs.common.problems import Problem
from libs.common.security.caller import Refused
from libs.common.web.act import SCOPE_KEY, Act, Runtime
from libs.common.web.problems import plain, problem_of, render

CORRELATION_HEADER = "X-Correlation-Id"
OPEN_PATHS = ("/health/", "/docs", "/openapi.json")

_log = logging.getLogger(__name__)


class EdgeMiddleware:
    """Wraps a FastAPI application; see the module's text."""

    def __init__(self, app: ASGIApp, runtime: Runtime) -> None:
        self.app = app
        self.runtime = runtime

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        act = Act(self.runtime, _correlation(headers.get(CORRELATION_HEADER)))
        scope[SCOPE_KEY] = act
        answer = _Answer(act, scope, receive, send)
        try:
            async with asyncio.timeout(self.runtime.limits.seconds):
                if not _is_open(scope):
                    await self._authenticate(act, headers)
                await self.app(scope, _limited(receive, headers, act), answer.take)
        except Exception as error:
            await answer.fail(error)
        finally:
            await act.undo()

    async def _authenticate(self, act: Act, headers: Headers) -> None:
        scheme, _, token = headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise plain(401)
        try:
            act.caller = await self.runtime.auth.authenticate(token.strip())
        except Refused as refused:
            _log.info("token refused", extra={"reason": refused.reason})
            raise plain(401) from None


class _Answer:
    """Holds an answer back until its transaction has ended."""

    def __init__(self, act: Act, scope: Scope, receive: Receive, send: Send) -> None:
        self.act = act
        self.scope = scope
        self.receive = receive
        self.send = send
        self.start: Message | None = None
        self.sent = False

    async def take(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            MutableHeaders(scope=message)[CORRELATION_HEADER] = str(self.act.correlation_id)
            self.start = message
            return
        start = self.start
        if self.sent or start is None:
            await self.send(message)
            return
        if not message.get("more_body", False):
            try:
                await self._end(start["status"])
            except Exception as error:
                await self.fail(error)
                return
        self.sent = True
        await self.send(start)
        await self.send(message)

    async def _end(self, status: int) -> None:
        if status < 400:
            await self.act.commit()
        else:
            await self.act.undo()

    async def fail(self, error: Exception) -> None:
        """Answer with the error's problem, after undoing what was done."""
        await self.act.undo()
        problem = problem_of(error)
        if problem.status >= 500:
            log_failure(error, problem, self.act.correlation_id)
        if self.sent:  # too late for an error answer: cut the connection
            raise error
        answer = render(problem, self.act.correlation_id)
        answer.headers[CORRELATION_HEADER] = str(self.act.correlation_id)
        self.sent = True
        await answer(self.scope, self.receive, self.send)


def log_failure(error: Exception, problem: Problem, correlation_id: UUID) -> None:
    """Where it broke, without the exception's text: that may quote a person's data."""
    frame = error.__traceback__
    while frame is not None and frame.tb_next is not None:
        frame = frame.tb_next
    place = f"{frame.tb_frame.f_code.co_filename}:{frame.tb_lineno}" if frame else "unknown"
    _log.error(
        "request failed",
        extra={
            "status": problem.status,
            "error": type(error).__name__,
            "place": place,
            "correlation_id": str(correlation_id),
        },
    )


def _correlation(sent: str | None) -> UUID:
    try:
        return UUID(sent) if sent else new_id()
    except ValueError:
        return new_id()


def _is_open(scope: Scope) -> bool:
    path: str = scope["path"].removeprefix(scope.get("root_path", ""))
    return path.startswith(OPEN_PATHS)


def _limited(receive: Receive, headers: Headers, act: Act) -> Receive:
    largest = act.runtime.limits.body_bytes
    declared = headers.get("content-length", "0")
    if declared.isdigit() and int(declared) > largest:
        raise HTTPException(413)
    seen = 0

    async def limited() -> Message:
        nonlocal seen
        message = await receive()
        if message["type"] == "http.request":
            seen += len(message.get("body", b""))
            if seen > largest:
                raise HTTPException(413)
        return message

    return limited
