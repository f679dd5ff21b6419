"""How the demo speaks to the platform: over HTTP, with a token per role, like anyone else."""

from collections.abc import AsyncIterator, Mapping
from types import TracebackType
from typing import Any, Protocol, Self

import httpx

from ansinh.services import NAMES
from libs.common.security.roles import Role

_PAGE = 200


class DemoProblem(Exception):
    """The platform refused something that the demo asked for."""


class Tokens(Protocol):
    """Whoever has a token for each role: the development issuer, or what it gave."""

    def token(self, role: Role, areas: tuple[str, ...]) -> str: ...


class Client:
    """A caller of the platform's public API.

    Args:
        url: where the platform is served, or each service's own address by name.
        issuer: has the tokens; each call names the role that it is made in.
        areas: the area codes of every token.
    """

    def __init__(
        self, url: str | Mapping[str, str], issuer: Tokens, areas: tuple[str, ...]
    ) -> None:
        self._issuer = issuer
        self._areas = areas
        self._base = url if isinstance(url, str) else ""
        self._addresses = (
            {name: f"{url}/{name}" for name in NAMES} if isinstance(url, str) else dict(url)
        )
        # The server closes what is idle after five seconds: never reuse a connection just then.
        limits = httpx.Limits(keepalive_expiry=2.0)
        self._http = httpx.AsyncClient(timeout=120.0, limits=limits)

    def authorised(self, token: str) -> httpx.AsyncClient:
        """A plain HTTP client of the same platform with another token; the caller closes it."""
        return httpx.AsyncClient(base_url=self._base, headers={"Authorization": f"Bearer {token}"})

    async def get(self, role: Role, path: str, **query: Any) -> Any:
        return await self._call(role, "GET", path, params=query)

    async def items(
        self, role: Role, path: str, *, limit: int = _PAGE, **query: Any
    ) -> AsyncIterator[Any]:
        """Every item of a list, page by page."""
        after: dict[str, str] = {}
        while True:
            page = await self.get(role, path, limit=limit, **query, **after)
            for item in page["items"]:
                yield item
            if page["next"] is None:
                return
            after = {"after": page["next"]}

    async def post(self, role: Role, path: str, body: Any) -> Any:
        return await self._call(role, "POST", path, json=body)

    async def put(self, role: Role, path: str, body: Any) -> Any:
        return await self._call(role, "PUT", path, json=body)

    async def _call(self, role: Role, method: str, path: str, **content: Any) -> Any:
        token = self._issuer.token(role, self._areas)
        service, _, rest = path.removeprefix("/").partition("/")
        answer = await self._http.request(
            method,
            f"{self._addresses[service]}/{rest}",
            headers={"Authorization": f"Bearer {token}"},
            **content,
        )
        if answer.is_error:
            raise DemoProblem(f"{method} {path}: {answer.status_code} {answer.text[:2000]}")
        return answer.json()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._http.aclose()
