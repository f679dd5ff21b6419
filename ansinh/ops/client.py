"""An operator's way to the services' internal APIs, for `ansinh ops`, `ansinh trace` and `/ops`.

`ANSINH_URL` says where they are: one address for all (the embedded platform); or, because internal
routes do not go through the gateway, one with `{service}` in it, e.g. `http://{service}-api:8000`;
or `registry=http://…,eligibility=http://…,…`, e.g. for tunnels. `ANSINH_TOKEN` is the operator's
token; without it the development issuer of an embedded platform is asked for one.
"""

from __future__ import annotations

import os
import time
from collections.abc import Awaitable, Callable, Mapping
from types import TracebackType
from typing import Any, Self

import httpx

from ansinh.services import NAMES
from libs.common.problems import Text
from libs.common.security.issuer import LIFETIME_SECONDS, PASSWORD
from libs.common.web.description import IF_MATCH_HEADER, PURPOSE_HEADER

EMBEDDED = "http://localhost:8000"
_SECONDS = 30.0


class Unanswered(Exception):
    """A service did not do what was asked.

    Args:
        service: which one.
        status: of its answer; 0 where there was none.
        title: what it said.
        details: what was wrong, and what to do.
        code: of the problem document; empty where it was none of ours.
    """

    def __init__(
        self,
        service: str,
        status: int,
        title: Text,
        details: tuple[Text, ...] = (),
        code: str = "",
    ) -> None:
        super().__init__(f"{service}: {status}")
        self.service = service
        self.status = status
        self.title = title
        self.details = details
        self.code = code

    @property
    def is_token(self) -> bool:
        """Whether another token would help."""
        return self.status in (401, 403)


class Operator:
    """Calls of the internal APIs in the role of an operator.

    Args:
        clients: per service one whose base is the service; closed with this one.
        token: gives the bearer token of each call.
    """

    def __init__(
        self, clients: Mapping[str, httpx.AsyncClient], token: Callable[[], Awaitable[str]]
    ) -> None:
        self._clients = dict(clients)
        self._token = token

    @classmethod
    def from_environment(cls) -> Self:
        """The platform that `ANSINH_URL` and `ANSINH_TOKEN` name."""
        base = os.environ.get("ANSINH_URL") or EMBEDDED
        return cls.at(base, os.environ.get("ANSINH_TOKEN") or None)

    @classmethod
    def at(cls, base: str, token: str | None = None) -> Self:
        """The platform at an address.

        Args:
            base: as `ANSINH_URL` names it.
            token: an operator's; None: the development issuer at the same address has one.
        """
        try:
            clients = {
                name: httpx.AsyncClient(base_url=address_of(base, name), timeout=_SECONDS)
                for name in NAMES
            }
        except httpx.InvalidURL:
            title = Text("Địa chỉ không hợp lệ.", "It is not an address.")
            raise Unanswered("ANSINH_URL", 400, title) from None
        found, good_until = token or "", float("inf") if token else 0.0

        async def give() -> str:
            nonlocal found, good_until
            if time.monotonic() >= good_until:
                found = await _development_token(base)
                good_until = time.monotonic() + LIFETIME_SECONDS / 2
            return found

        return cls(clients, give)

    def use(self, token: str) -> None:
        """Make every further call under this token."""

        async def give() -> str:
            return token

        self._token = give

    async def get(self, service: str, path: str, **query: Any) -> Any:
        """The JSON answer to a GET of `/internal/v1/<path>`."""
        return await self.call(service, "GET", path, params=query)

    async def call(
        self,
        service: str,
        method: str,
        path: str,
        *,
        purpose: str | None = None,
        version: int | None = None,
        **content: Any,
    ) -> Any:
        """One call of an internal route; the JSON answer, or None where there is no content.

        Args:
            purpose: why values are read. version: which one is changed, where it is asked for.

        Raises:
            Unanswered: it was refused, or nobody answered.
        """
        try:
            # As bytes: what does not belong in a header is for the service to refuse.
            headers = {b"Authorization": f"Bearer {await self._token()}".encode()}
            if purpose:
                headers[PURPOSE_HEADER.encode()] = purpose.encode()
            if version is not None:
                headers[IF_MATCH_HEADER.encode()] = f'"{version}"'.encode()
            answer = await self._clients[service].request(
                method, f"internal/v1/{path}", headers=headers, **content
            )
        except httpx.HTTPError as error:
            raise unreachable(service, error) from None
        if answer.is_error:
            raise refusal(service, answer)
        try:
            return answer.json() if answer.content else None
        except ValueError:
            title = Text("Đây không phải API của An Sinh.", "This is not an API of An Sinh.")
            raise Unanswered(service, 502, title) from None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for client in self._clients.values():
            await client.aclose()


def address_of(base: str, service: str) -> str:
    """Where a service is, see `ANSINH_URL` above."""
    listed = _listed(base)
    if service in listed:
        return listed[service].rstrip("/")
    base = base.rstrip("/")
    if "{service}" in base:
        return base.replace("{service}", service)
    return f"{base}/{service}"


def embedded_address(base: str) -> str | None:
    """The one address of an embedded platform; None where every service has its own."""
    return None if "{service}" in base or _listed(base) else base.rstrip("/")


def _listed(base: str) -> dict[str, str]:
    parts = [part.strip().partition("=") for part in base.split(",")]
    return {name: address for name, _, address in parts if name in NAMES and address}


def refusal(service: str, answer: httpx.Response) -> Unanswered:
    """What a problem document says, in both languages; any other error by its status alone."""
    status = answer.status_code
    try:
        said = answer.json()
        title, code = Text(said["title"], said["title_en"]), str(said["code"])
        details = tuple(
            Text(
                f"{error['pointer']}: {error['message']['vi']} {error['fix']['vi']}".lstrip(": "),
                f"{error['pointer']}: {error['message']['en']} {error['fix']['en']}".lstrip(": "),
            )
            for error in said.get("errors", ())
        )
    except (ValueError, KeyError, TypeError):
        return Unanswered(service, status, Text(f"Lỗi {status}.", f"Error {status}."))
    return Unanswered(service, status, title, details, code)


def unreachable(service: str, error: Exception) -> Unanswered:
    kind = type(error).__name__
    title = Text(f"Không kết nối được ({kind}).", f"It cannot be reached ({kind}).")
    return Unanswered(service, 0, title)


async def _development_token(base: str) -> str:
    no_token = Text(
        "Cần ANSINH_TOKEN: thẻ của người vận hành.", "ANSINH_TOKEN is needed: an operator's token."
    )
    address = embedded_address(base)
    if address is None:
        raise Unanswered("ansinh", 401, no_token)
    form = {"grant_type": "password", "username": "operator", "password": PASSWORD}
    async with httpx.AsyncClient(timeout=_SECONDS) as client:
        answer = await client.post(f"{address}/issuer/token", data=form)
    if answer.is_error:
        raise Unanswered("ansinh", 401, no_token)
    return str(answer.json()["access_token"])
