"""Who acts in the chapter, and how they ask the platform: over HTTP, each with an own token."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self
from uuid import UUID

import httpx

from ansinh.citizens.joining import CitizenFile, asking, join
from ansinh.demo.client import DemoProblem
from libs.common.security.issuer import DevelopmentIssuer
from libs.common.security.roles import Role
from libs.common.web.description import PURPOSE_HEADER

NGHIEN_LOAN, XUAN_LA, AN_THANG = "01882", "01873", "01876"
COMMUNES = {NGHIEN_LOAN: "Nghiên Loan", XUAN_LA: "Xuân La", AN_THANG: "An Thắng"}
DISTRICT, OLD_PROVINCE, NEW_PROVINCE = "060", "06", "19"  # Pác Nặm, Bắc Kạn, Thái Nguyên
_PAGE = 200


@dataclass(frozen=True)
class Person:
    """Somebody with a role and areas; `subject` is who it is to the trail."""

    role: Role
    subject: str
    areas: tuple[str, ...]


def officer(commune: str, name: str = "a") -> Person:
    return Person(Role.OFFICER, f"officer-{commune}-{name}", (commune,))


def chairman(commune: str) -> Person:
    return Person(Role.CHAIRMAN, f"chairman-{commune}", (commune,))


IMPORTER = Person(Role.OFFICER, f"officer-{DISTRICT}", (DISTRICT,))
PROVINCE = Person(Role.PROVINCE, "province-a", (OLD_PROVINCE, NEW_PROVINCE))
PROVINCE_SECOND = Person(Role.PROVINCE, "province-b", (OLD_PROVINCE, NEW_PROVINCE))


class Desk:
    """The public API, asked by persons.

    Args:
        url: where the platform is served.
        issuer: makes the persons' tokens.
    """

    def __init__(self, url: str, issuer: DevelopmentIssuer) -> None:
        self._issuer = issuer
        # The server closes what is idle after five seconds: never reuse a connection just then.
        limits = httpx.Limits(keepalive_expiry=2.0)
        self._http = httpx.AsyncClient(base_url=url, timeout=120.0, limits=limits)

    async def send(
        self, who: Person, method: str, path: str, *, purpose: str | None = None, **content: Any
    ) -> httpx.Response:
        """The answer, whatever it is; `path` begins with the service's name."""
        token = self._issuer.token(who.role, who.areas, who.subject)
        headers = {"Authorization": f"Bearer {token}"}
        if purpose is not None:
            headers[PURPOSE_HEADER] = purpose
        return await self._http.request(method, path, headers=headers, **content)

    async def ask(self, who: Person, method: str, path: str, **content: Any) -> Any:
        """What is answered.

        Raises:
            DemoProblem: it was refused.
        """
        answer = await self.send(who, method, path, **content)
        if answer.is_error:
            raise DemoProblem(f"{method} {path}: {answer.status_code} {answer.text[:2000]}")
        return answer.json()

    async def get(self, who: Person, path: str, *, purpose: str | None = None, **query: Any) -> Any:
        return await self.ask(who, "GET", path, purpose=purpose, params=query)

    async def post(
        self, who: Person, path: str, body: Any = None, *, purpose: str | None = None
    ) -> Any:
        return await self.ask(who, "POST", path, purpose=purpose, json=body)

    async def items(self, who: Person, path: str, **query: Any) -> AsyncIterator[Any]:
        """Every item of a list, page by page."""
        after: dict[str, str] = {}
        while True:
            page = await self.get(who, path, limit=_PAGE, **query, **after)
            for item in page["items"]:
                yield item
            if page["next"] is None:
                return
            after = {"after": page["next"]}

    async def count(self, who: Person, path: str, **query: Any) -> int:
        return len([item async for item in self.items(who, path, **query)])

    async def file(self, who: Person, person_id: UUID | str) -> CitizenFile:
        """A citizen's file of every service, as this person may see it."""
        token = self._issuer.token(who.role, who.areas, who.subject)
        async with asking(str(self._http.base_url), token) as clients:
            return await join(clients, UUID(str(person_id)), None)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._http.aclose()
