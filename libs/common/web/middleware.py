"""The gate of an application: token, size, time, and the commit before the answer.

Plain ASGI. It holds the answer back until the transaction has committed, so a client that sees a
success can rely on it, and a commit that fails becomes an error answer. An answer that comes in
parts (an export) passes through as it comes; its transaction must not have written anything.
"""

import asyncio
import logging
import re
from dataclasses import replace
from time import perf_counter
from uuid import UUID

from pydantic_core import from_json, to_json
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from libs.common.ids import new_id
from libs.common.partners.documents import told
from libs.common.problems import FieldError, Problem, Text
from libs.common.security.caller import Refused
from libs.common.security.certificates import thumbprint_of
from libs.common.telemetry import count_request, names, request_span
from libs.common.telemetry.logs import place_of
from libs.common.web.act import SCOPE_KEY, Act, Runtime
from libs.common.web.description import CORRELATION_HEADER, PURPOSE_HEADER
from libs.common.web.problems import plain, problem_of
from libs.common.web.short import ShortWays

# Keys are public: partners verify with them what we signed.
OPEN_PATHS = (
    "/health/",
    "/docs",
    "/openapi.json",
    "/.well-known/jwks.json",
    "/dci/v1.0.0/.well-known/jwks.json",
)

_PURPOSE = re.compile(r"[a-z0-9][a-z0-9_.-]{1,63}")
_log = logging.getLogger(__name__)


class EdgeMiddleware:
    """Wraps a FastAPI application; see the module's text."""

    def __init__(self, app: ASGIApp, runtime: Runtime, ways: ShortWays) -> None:
        self.app = app
        self.runtime = runtime
        self.ways = ways

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began = perf_counter()
        headers = Headers(scope=scope)
        act = Act(self.runtime, _correlation(headers.get(CORRELATION_HEADER)), scope["method"])
        scope[SCOPE_KEY] = act
        answer = _Answer(act, scope, receive, send)
        with request_span(
            act.method,
            headers.get("traceparent"),
            {names.HTTP_METHOD: act.method, names.CONVERSATION_ID: str(act.correlation_id)},
        ) as span:
            try:
                await self._run(act, headers, answer)
            except Exception as error:
                await answer.fail(error)
            finally:
                await act.undo()
                if act.route:
                    span.update_name(f"{act.method} {act.route}")
                    span.set_attribute(names.HTTP_ROUTE, act.route)
                span.set_attribute(names.HTTP_STATUS, answer.status)
        if act.route:
            seconds = perf_counter() - began
            count_request(self.runtime.service, act.method, act.route, answer.status, seconds)

    async def _run(self, act: Act, headers: Headers, answer: "_Answer") -> None:
        async with asyncio.timeout(self.runtime.limits.seconds):
            path = inner_path(answer.scope)
            if not path.startswith(OPEN_PATHS):
                await self._authenticate(act, headers)
            short = self.ways.find(act, path, answer.scope["query_string"])
            if short is not None:
                way, subject = short
                await way.answer(act, subject, answer.take)
                return
            await self.app(answer.scope, _limited(answer.receive, headers, act), answer.take)

    async def _authenticate(self, act: Act, headers: Headers) -> None:
        scheme, _, token = headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise plain(401)
        try:
            caller = await self.runtime.auth.authenticate(token.strip())
        except Refused as refused:
            _log.info("token refused", extra={"reason": refused.reason})
            raise plain(401) from None
        if header := act.runtime.certificate_header:
            act.certificate = thumbprint_of(headers.get(header, ""))
            if caller.certificate not in (None, act.certificate):
                _log.info("token refused", extra={"reason": "token.certificate"})
                raise plain(401)
        purpose = headers.get(PURPOSE_HEADER)
        if purpose is not None and not _PURPOSE.fullmatch(purpose):
            raise _bad_purpose()
        act.caller = caller if purpose is None else replace(caller, purpose=purpose)


class _Answer:
    """Holds an answer back until its transaction has ended."""

    def __init__(self, act: Act, scope: Scope, receive: Receive, send: Send) -> None:
        self.act = act
        self.scope = scope
        self.receive = receive
        self.send = send
        self.start: Message | None = None
        self.status = 0
        self.sent = False
        self.body: list[bytes] = []

    async def take(self, message: Message) -> None:
        if self.sent:  # the later parts of an answer that comes in parts
            await self._pass(message)
            return
        if message["type"] == "http.response.start":
            MutableHeaders(scope=message).update(
                {CORRELATION_HEADER: str(self.act.correlation_id), **self.act.headers}
            )
            self.start = message
            self.status = message["status"]
            return
        if self.start is None:
            await self.send(message)
            return
        self.body.append(message.get("body", b""))
        more = bool(message.get("more_body", False))
        if more and self.act.is_write:
            return  # a write's answer leaves whole, after the commit
        headers = MutableHeaders(raw=self.start["headers"])
        try:
            body = self._told(headers, b"".join(self.body), is_whole=not more)
            await (self.act.account_apart() if more else self._end(headers, body))
        except Exception as error:
            await self.fail(error)
            return
        self.sent = True
        await self.send({**self.start, "headers": headers.raw})
        await self.send({**message, "body": body})

    def _told(self, headers: MutableHeaders, body: bytes, *, is_whole: bool) -> bytes:
        """Of an answer to a partner what its registration names; of a first answer that is given
        again, what it names by now.
        """
        partner, mask = self.act.partner, self.act.mask
        if partner is None or mask is None or self.status >= 400 or not body:
            return body
        if not is_whole:
            raise ValueError("an answer of which a partner sees parts leaves whole")
        shown = to_json(told(mask, partner.scope.fields, from_json(body)))
        headers["content-length"] = str(len(shown))
        return shown

    async def _pass(self, message: Message) -> None:
        if message.get("more_body", False) is False:
            self.act.noted.clear()  # already on the trail
            await self.act.commit(self.status, {}, b"")
        await self.send(message)

    async def _end(self, headers: Headers, body: bytes) -> None:
        if self.status < 400:
            await self.act.commit(self.status, headers, body)
        else:
            await self.act.undo()

    async def fail(self, error: Exception) -> None:
        """Answer with the error's problem, after undoing what was done."""
        await self.act.undo()
        problem = problem_of(_meant(error))
        if problem.status >= 500:
            log_failure(error, problem, self.act.correlation_id)
        if self.sent:  # too late for an error answer: cut the connection
            raise error
        self.status = problem.status
        self.sent = True
        answer = self.act.runtime.render(
            inner_path(self.scope), problem, self.act.correlation_id, None
        )
        answer.headers[CORRELATION_HEADER] = str(self.act.correlation_id)
        await answer(self.scope, self.receive, self.send)


def _meant(error: Exception) -> Exception:
    """What an answer in parts was refused for before its first part: Starlette takes the answer,
    which is held back here, for one that has begun, and wraps it.
    """
    if isinstance(error, RuntimeError) and isinstance(error.__cause__, Problem):
        return error.__cause__
    return error


def log_failure(error: Exception, problem: Problem, correlation_id: UUID) -> None:
    """Where it broke, without the exception's text: that may quote a person's data."""
    _log.error(
        "request failed",
        extra={
            "status": problem.status,
            "error": type(error).__name__,
            "place": place_of(error),
            "correlation_id": str(correlation_id),
        },
    )


def _correlation(sent: str | None) -> UUID:
    try:
        return UUID(sent) if sent else new_id()
    except ValueError:
        return new_id()


def inner_path(scope: Scope) -> str:
    """The path within the application."""
    path: str = scope["path"]
    return path.removeprefix(scope.get("root_path", ""))


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


def _bad_purpose() -> Problem:
    title = Text("Mục đích không hợp lệ.", "The purpose is not valid.")
    fix = Text(
        "Dùng mã mục đích: chữ thường, số, dấu chấm, gạch nối.",
        "Send a purpose code: lower-case letters, digits, dots, hyphens.",
    )
    return Problem(
        400,
        "purpose.invalid",
        title,
        [FieldError("/header/x-purpose", "purpose.invalid", title, fix)],
    )
