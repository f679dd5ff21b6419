"""Where the insurer is told: webhooks are checked, written down, and only then acknowledged."""

import asyncio
from collections.abc import Callable, Sequence
from http import HTTPStatus

from standardwebhooks import Webhook, WebhookVerificationError
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from ansinh.demo.counterpart.modes import Mode
from ansinh.demo.insurer.books import Books

_SLOW_SECONDS = 0.05

Modes = Callable[[], frozenset[Mode]]


class Receiver:
    """An ASGI application with one address.

    Args:
        books: what is acknowledged is in them.
        secrets: the endpoint's, as An Sinh hands them over; any may have signed.
        modes: how the insurer behaves now.
    """

    def __init__(self, books: Books, secrets: Sequence[str], modes: Modes) -> None:
        self._books = books
        self._checks = [Webhook(secret) for secret in secrets]
        self._modes = modes
        self._waiting: list[tuple[str, bytes]] = []
        self._written: asyncio.Task[None] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        answer = await self._receive(Request(scope, receive))
        await Response(status_code=answer)(scope, receive, send)

    async def _receive(self, request: Request) -> HTTPStatus:
        modes = self._modes()
        if Mode.DOWN in modes:
            return HTTPStatus.SERVICE_UNAVAILABLE
        if Mode.SLOW in modes:
            await asyncio.sleep(_SLOW_SECONDS)
        body, headers = await request.body(), dict(request.headers)
        if not any(_is_by(check, body, headers) for check in self._checks):
            return HTTPStatus.UNAUTHORIZED
        await self._keep(headers["webhook-id"], body)
        return HTTPStatus.NO_CONTENT

    async def _keep(self, webhook_id: str, body: bytes) -> None:
        """Whatever came at the same time reaches the disk together."""
        self._waiting.append((webhook_id, body))
        if self._written is None:
            self._written = asyncio.create_task(self._write())
        await asyncio.shield(self._written)

    async def _write(self) -> None:
        await asyncio.sleep(0)
        kept, self._waiting, self._written = self._waiting, [], None
        with self._books.writing():
            self._books.keep(kept)


def _is_by(check: Webhook, body: bytes, headers: dict[str, str]) -> bool:
    try:
        check.verify(body, headers)
    except WebhookVerificationError:
        return False
    return True
