"""Savings-and-credit groups of the demo's population: who is in them, what they ask for, the vote.

What officers and the bank's village clerks do before a need is with the bank. Every act can be sent
again: ids are made from the seed, days are fixed.
"""

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from ansinh.demo.bank.rules import Asked, Rules, decide
from ansinh.demo.client import Client
from ansinh.demo.counterpart.chance import chance
from ansinh.demo.population import ReviewedHousehold
from libs.common.ids import derived_id
from libs.common.security.roles import Role
from libs.common.vocabulary import NeedStage, StatusClass

FOUNDED, APPLIED, VOTED = date(2022, 7, 11), date(2022, 7, 12), date(2022, 7, 13)
FEWEST, MOST_POOR, MOST = 5, 8, 12
_VILLAGES = 3
_PURPOSES = ("Mua bò sinh sản", "Trồng hồi và quế", "Mua máy cày", "Nuôi lợn đen", "Sửa ao nuôi cá")
_UNIONS = ("women", "farmers", "veterans")
_MILLION = 1_000_000


@dataclass(frozen=True)
class Ask:
    """What a household will ask for: VND and months; the vote is known as well."""

    need_id: UUID
    household: ReviewedHousehold
    purpose: str
    amount: int
    months: int
    votes_for: int
    votes_against: int

    @property
    def is_carried(self) -> bool:
        return self.votes_for > self.votes_against


@dataclass(frozen=True)
class Village:
    """One group and its members' needs."""

    commune: str
    name: str
    union: str
    group_id: UUID
    list_id: UUID
    asks: tuple[Ask, ...]

    @property
    def is_complete(self) -> bool:
        """Members enough for a vote."""
        return len(self.asks) >= FEWEST


def choose(
    households: Sequence[ReviewedHousehold], names: Mapping[str, str], seed: int
) -> list[Village]:
    """A group in each of the three communes with the most poor households, also if too small."""
    by_commune: dict[str, list[ReviewedHousehold]] = defaultdict(list)
    for household in households:
        by_commune[household.commune].append(household)

    def rank(commune: str) -> tuple[int, str]:
        here = by_commune[commune]
        return -sum(one.status is StatusClass.POOR for one in here), commune

    chosen = sorted(by_commune, key=rank)[:_VILLAGES]
    return [
        _village(commune, names[commune], by_commune[commune], _UNIONS[place], seed)
        for place, commune in enumerate(chosen)
    ]


def who_loses_class(villages: Sequence[Village]) -> Ask | None:
    """The last poor household that this bank is going to lend to: its class changes meanwhile."""
    for village in reversed(villages):
        for ask in reversed(village.asks):
            asked = Asked(ask.need_id, ask.amount, ask.months, "central")
            is_poor = ask.household.status is StatusClass.POOR
            if is_poor and ask.is_carried and decide(asked, Rules()).approved:
                return ask
    return None


async def meet(client: Client, village: Village) -> int:
    """Found the group, take in what its members ask for, vote; answers how many were carried."""
    group = f"/credit/v1/groups/{village.group_id}"
    await client.post(Role.BANK, "/credit/v1/groups", _group(village))
    joined = {"joined_on": FOUNDED.isoformat()}
    households = [str(ask.household.household_id) for ask in village.asks]
    await asyncio.gather(
        *(client.put(Role.BANK, f"{group}/members/{one}", joined) for one in households)
    )
    referrals = await _referrals(client, village.commune)
    bodies = [
        _application(village, ask, referrals[one])
        for ask, one in zip(village.asks, households, strict=True)
    ]
    await asyncio.gather(
        *(
            client.put(Role.OFFICER, f"/credit/v1/needs/{ask.need_id}", body)
            for ask, body in zip(village.asks, bodies, strict=True)
        )
    )
    await client.post(Role.OFFICER, "/credit/v1/lists", _list(village))
    return sum(ask.is_carried for ask in village.asks)


async def confirm_waiting(client: Client, village: Village, day: date) -> int:
    """The commune confirms what of the list waits for it; answers how many needs that were."""
    path = f"/credit/v1/lists/{village.list_id}"
    known = await client.get(Role.CHAIRMAN, path)
    waiting = [
        {"need_id": entry["need_id"], "is_confirmed": True}
        for entry in known["entries"]
        if entry["stage"] == NeedStage.LISTED
    ]
    if waiting:
        body = {"confirmed_on": day.isoformat(), "entries": waiting}
        await client.post(Role.CHAIRMAN, f"{path}/confirmation", body)
    return len(waiting)


async def _referrals(client: Client, commune: str) -> dict[str, str]:
    """Each household's first referral."""
    found: dict[str, str] = {}
    async for one in client.items(Role.OFFICER, "/credit/v1/referrals", area=commune):
        found.setdefault(one["household_id"], one["referral_id"])
    return found


def _village(
    commune: str, name: str, here: Sequence[ReviewedHousehold], union: str, seed: int
) -> Village:
    poor = [one for one in here if one.status is StatusClass.POOR]
    near_poor = [one for one in here if one.status is not StatusClass.POOR]
    members = [*poor[:MOST_POOR], *near_poor, *poor[MOST_POOR:]][:MOST]
    return Village(
        commune=commune,
        name=name,
        union=union,
        group_id=derived_id("demo-group", seed, len(here), commune),
        list_id=derived_id("demo-list", seed, len(here), commune),
        asks=tuple(_ask(member, len(members)) for member in members),
    )


def _ask(household: ReviewedHousehold, voters: int) -> Ask:
    drawn = chance("ask", household.household_id)
    against = voters - 1 if drawn % 12 == 0 else drawn % 2
    return Ask(
        need_id=derived_id("demo-need", household.household_id),
        household=household,
        purpose=_PURPOSES[drawn % len(_PURPOSES)],
        amount=(20 + 5 * (drawn % 17)) * _MILLION,
        months=(36, 48, 60, 84)[drawn % 4],
        votes_for=voters - against,
        votes_against=against,
    )


def _group(village: Village) -> dict[str, Any]:
    return {
        "group_id": str(village.group_id),
        "commune": village.commune,
        "village": "Thôn 1",
        "union": village.union,
        "founded_on": FOUNDED.isoformat(),
    }


def _application(village: Village, ask: Ask, referral: str) -> dict[str, Any]:
    return {
        "referral_id": referral,
        "purpose": ask.purpose,
        "amount": ask.amount,
        "months": ask.months,
        "source": "central",
        "group_id": str(village.group_id),
        "applied_on": APPLIED.isoformat(),
    }


def _list(village: Village) -> dict[str, Any]:
    return {
        "list_id": str(village.list_id),
        "group_id": str(village.group_id),
        "commune": village.commune,
        "voted_on": VOTED.isoformat(),
        "minutes_number": "01/10C",
        "entries": [
            {
                "need_id": str(ask.need_id),
                "votes_for": ask.votes_for,
                "votes_against": ask.votes_against,
            }
            for ask in village.asks
        ],
    }
