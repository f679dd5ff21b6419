"""A counterpart's lines to An Sinh: a token, the change feed, reads and writes."""

import asyncio
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self, TypeVar
from uuid import UUID

import httpx

from libs.common.ids import derived_id, new_id

Sent = TypeVar("Sent")
_TRANSIENT = frozenset({401, 408, 425, 429})  # and every 5xx: ask again later
_GONE, _STALE = 410, 412


class Unreachable(Exception):
    """An Sinh does not answer now; nothing is known of what was asked."""


class CursorGone(Exception):
    """An Sinh was restored to an earlier point: the feed is to be read from the beginning."""


@dataclass(frozen=True, slots=True)
class Access:
    """Where An Sinh is, and who the counterpart is there.

    Attributes:
        service: base URL of the service that it speaks to.
        issuer: base URL of the issuer of tokens.
        areas: area codes, as the issuer takes them.
    """

    service: str
    issuer: str
    user: str
    password: str
    areas: str = "*"


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer that settles something: done, or refused for a reason."""

    status: int
    body: Mapping[str, Any]
    version: int | None = None

    @property
    def is_done(self) -> bool:
        return self.status < 400

    @property
    def is_stale(self) -> bool:
        """It was changed since the counterpart saw it."""
        return self.status == _STALE

    @property
    def code(self) -> str:
        return str(self.body.get("code", self.status))

    @property
    def detail(self) -> str:
        return faults_of(self.body.get("errors", ()))


class Client:
    """An Sinh as the counterpart reaches it.

    Args:
        access: where, and as whom.
        transport: another way of carrying requests than the network.
    """

    def __init__(self, access: Access, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self._access = access
        self._http = httpx.AsyncClient(timeout=30.0, transport=transport)
        self._token, self._until = "", 0.0

    async def changes(self, after: str | None, limit: int) -> Mapping[str, Any]:
        """A page of the change feed.

        Raises:
            CursorGone: begin without `after`.
            Unreachable: not now.
        """
        query = {"limit": limit} | ({"after": after} if after else {})
        answer = await self._ask("GET", "/v1/changes", params=query)
        if answer.status_code == _GONE:
            raise CursorGone
        if answer.is_error:
            raise Unreachable(f"changes: {answer.status_code} {answer.text[:300]}")
        page: Mapping[str, Any] = answer.json()
        return page

    async def get(self, path: str) -> Reply:
        return _reply(await self._ask("GET", path))

    async def call(self, method: str, path: str, **content: Any) -> Reply:
        """A request that needs neither version nor key: the same again does no harm.

        Args:
            content: as httpx takes it.
        """
        return _reply(await self._ask(method, path, **content))

    async def put(
        self, path: str, name: str, body: Mapping[str, Any], version: int, *, twice: bool
    ) -> Reply:
        """A write on a version that the counterpart has seen.

        Args:
            name: of the write; the same write has the same idempotency key for ever.
            twice: send it twice at the same time, the second as if nobody remembered the first.
        """
        keys = self._keys(name, body, twice=twice)
        headers = {"If-Match": f'"{version}"'}
        return await self._write("PUT", path, body, keys, headers)

    async def post(self, path: str, name: str, body: Mapping[str, Any], *, twice: bool) -> Reply:
        """A write that needs no version; see `put`."""
        keys = self._keys(name, body, twice=twice)
        return await self._write("POST", path, body, keys, {})

    def _keys(self, name: str, body: Mapping[str, Any], *, twice: bool) -> list[UUID]:
        return [derived_id(self._access.user, name, body), *([new_id()] if twice else [])]

    async def _write(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any],
        keys: Sequence[UUID],
        headers: Mapping[str, str],
    ) -> Reply:
        answers = await asyncio.gather(
            *(
                self._ask(method, path, json=body, headers={**headers, "Idempotency-Key": str(key)})
                for key in keys
            )
        )
        replies = [_reply(answer) for answer in answers]
        return next((reply for reply in replies if reply.is_done), replies[0])

    async def _ask(
        self, method: str, path: str, headers: Mapping[str, str] | None = None, **content: Any
    ) -> httpx.Response:
        try:
            bearer = {"Authorization": f"Bearer {await self._bearer()}"}
            url = f"{self._access.service}{path}"
            answer = await self._http.request(
                method, url, headers={**bearer, **(headers or {})}, **content
            )
        except httpx.HTTPError as error:
            raise Unreachable(f"{method} {path}: {error!r}") from error
        if answer.status_code >= 500 or answer.status_code in _TRANSIENT:
            if answer.status_code == 401:
                self._until = 0.0
            raise Unreachable(f"{method} {path}: {answer.status_code} {answer.text[:300]}")
        return answer

    async def _bearer(self) -> str:
        if time.monotonic() < self._until:
            return self._token
        form = {
            "grant_type": "password",
            "username": self._access.user,
            "password": self._access.password,
            "areas": self._access.areas,
        }
        answer = await self._http.post(f"{self._access.issuer}/token", data=form)
        if answer.is_error:
            raise Unreachable(f"token: {answer.status_code}")
        given = answer.json()
        self._token = given["access_token"]
        self._until = time.monotonic() + given["expires_in"] / 2
        return self._token

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._http.aclose()


def taken_of(
    lines: Sequence[Sent], reply: Reply, refused: Callable[[Sent, int, str, str], None]
) -> list[Sent]:
    """Which lines of a page were taken; `refused` hears of each other one, of all where the page
    was refused whole: status, code, and what was wrong.
    """
    if not reply.is_done:
        for line in lines:
            refused(line, reply.status, reply.code, reply.detail)
        return []
    taken = []
    for line, outcome in zip(lines, reply.body["lines"], strict=True):
        if outcome["result"] != "refused":
            taken.append(line)
        else:
            refused(line, reply.status, str(outcome["code"]), faults_of(outcome["errors"]))
    return taken


def faults_of(errors: Iterable[Mapping[str, Any]]) -> str:
    """Field and rule of each fault of a problem document."""
    return " ".join(f"{one['pointer']}:{one['rule']}" for one in errors)


def _reply(answer: httpx.Response) -> Reply:
    tag = answer.headers.get("etag", "").strip('"')
    return Reply(answer.status_code, answer.json(), int(tag) if tag.isdigit() else None)
