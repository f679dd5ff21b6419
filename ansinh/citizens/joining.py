"""A citizen's file of every service, as one officer may see it, for the answer to a request.

The registry says in which households the person was, and when; the others are asked with that, each
under the officer's own token, purpose and areas, and each puts it on its trail. A part that is not
had is named as missing: nobody is handed a file that only looks whole.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import httpx

from ansinh.ops.client import Unanswered, address_of, refusal, unreachable
from ansinh.services import NAMES
from libs.common.citizens.asking import PURPOSE
from libs.common.problems import Text
from libs.common.web.description import PURPOSE_HEADER

_FIRST = "registry"
_SECONDS = 120.0
_MOST_PAGES = 200  # of the trail, 500 lines each
TITLES = {
    "registry": Text("Sổ hộ", "Registry"),
    "eligibility": Text("Xét quyền thụ hưởng chính sách", "Eligibility"),
    "credit": Text("Tín dụng chính sách", "Credit"),
    "reporting": Text("Báo cáo", "Reporting"),
}

Part = dict[str, Any]


@dataclass
class CitizenFile:
    """What was had.

    Attributes:
        parts: by service, as each answered, with every line of its trail.
        nothing: services that hold nothing of the person that the officer may see.
        missing: services whose part was not had, and why.
        cut: services whose trail is longer than what was read.
    """

    person_id: UUID
    purpose: str
    parts: dict[str, Part] = field(default_factory=dict)
    nothing: list[str] = field(default_factory=list)
    missing: dict[str, Unanswered] = field(default_factory=dict)
    cut: list[str] = field(default_factory=list)

    @property
    def is_whole(self) -> bool:
        sections = (one for part in self.parts.values() for one in part["sections"])
        return not self.missing and not self.cut and all(one["is_whole"] for one in sections)


@asynccontextmanager
async def asking(base: str, token: str) -> AsyncIterator[dict[str, httpx.AsyncClient]]:
    """Every service's public API under one token; `base` as `ANSINH_URL` names it."""
    headers = {"Authorization": f"Bearer {token}"}
    async with AsyncExitStack() as stack:
        yield {
            name: await stack.enter_async_context(
                httpx.AsyncClient(
                    base_url=f"{address_of(base, name)}/v1", headers=headers, timeout=_SECONDS
                )
            )
            for name in NAMES
        }


async def join(
    clients: Mapping[str, httpx.AsyncClient], person_id: UUID, case: str | None
) -> CitizenFile:
    """Ask every service.

    Args:
        clients: per service one at its public API, under the officer's token.
        case: number of the request that is answered; goes with the purpose on the trails.

    Raises:
        Unanswered: the registry does not say who this is.
    """
    purpose = f"{PURPOSE}.{case}" if case else PURPOSE
    file = CitizenFile(person_id, purpose)
    own = file.parts[_FIRST] = await _part(file, _FIRST, clients[_FIRST], [])
    stays = [
        f"{one['household_id']},{one['from_day']},{one['until'] or ''}" for one in own["stays"]
    ]
    others = [name for name in NAMES if name != _FIRST]
    asked = [_part(file, name, clients[name], stays) for name in others]
    found = await asyncio.gather(*asked, return_exceptions=True)
    for name, part in zip(others, found, strict=True):
        match part:
            # Any other 404 is of something between, or of a service that is not this one.
            case Unanswered(status=404, code="person.not_found"):
                file.nothing.append(name)
            case Unanswered():
                file.missing[name] = part
            case BaseException():
                raise part
            case _:
                file.parts[name] = part
    return file


async def _part(file: CitizenFile, name: str, client: httpx.AsyncClient, stays: list[str]) -> Part:
    """A service's part with all lines of its trail, which come in pages."""
    part = await _ask(file, name, client, stays, None)
    lines, until = list(part["accounts"]), part["accounts_until"]
    for _ in range(_MOST_PAGES):
        if until is None:
            break
        page = await _ask(file, name, client, stays, until)
        lines += [line for line in page["accounts"] if line not in lines[-len(page["accounts"]) :]]
        if page["accounts_until"] == until:
            break
        until = page["accounts_until"]
    if until is not None:
        file.cut.append(name)
    return {**part, "accounts": lines}


async def _ask(
    file: CitizenFile,
    name: str,
    client: httpx.AsyncClient,
    stays: list[str],
    before: str | None,
) -> Part:
    query = {"stay": stays, **({} if before is None else {"before": before})}
    # As bytes: what does not belong in a header is for the service to refuse.
    headers = {PURPOSE_HEADER.encode(): file.purpose.encode()}
    path = f"persons/{file.person_id}/file"
    try:
        answer = await client.get(path, params=query, headers=headers)
    except httpx.HTTPError as error:
        raise unreachable(name, error) from None
    if answer.is_error:
        raise refusal(name, answer)
    part: Part = answer.json()
    return part
