"""Officers who do whatever a test says through the registry's real acts, over a few households.

An act that breaks a rule of the registry is refused there and says nothing, as in life.
"""

from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from libs.common.areas import store as areas
from libs.common.contracts.area import AreaData, AreaDesignation
from libs.common.database import EVERY_AREA, Database, Transaction
from libs.common.ids import new_id
from libs.common.problems import Problem
from libs.common.vocabulary import (
    AreaLevel,
    CloseReason,
    DecisionKind,
    Designation,
    Relation,
    StatusClass,
)
from services.registry.households import acts as households
from services.registry.households import closing, merging, splitting
from services.registry.households.changing import Order
from services.registry.households.merging import Merge
from services.registry.households.splitting import SplitOff
from services.registry.reviews import acts as reviews
from tests.integration.registry import builders
from tests.support.areas import REFORM, a_unit, area_id, pac_nam

TODAY = date(2027, 6, 1)
NEW_STANDARD = date(2027, 1, 1)
# Nghiên Loan and Bằng Thành in a poor district; one commune in a city that gives more than the law.
COMMUNES = ("01882", "01864", "19756")
_HUE = "46"


def units() -> list[AreaData]:
    """The map: Pác Nặm, and an extremely difficult commune of Huế."""
    district = area_id(AreaLevel.DISTRICT, "480")
    hard = AreaDesignation(
        designation=Designation.EXTREMELY_DIFFICULT,
        from_day=date(2023, 1, 1),
        until=date(2025, 1, 1),
        source="test",
        is_confirmed=False,
    )
    return [
        *pac_nam(),
        a_unit(AreaLevel.PROVINCE, _HUE),
        a_unit(AreaLevel.DISTRICT, "480", area_id(AreaLevel.PROVINCE, _HUE)),
        a_unit(AreaLevel.COMMUNE, COMMUNES[2], district, designations=(hard,)),
        a_unit(AreaLevel.PROVINCE, _HUE, valid_from=REFORM),
        a_unit(
            AreaLevel.COMMUNE,
            COMMUNES[2],
            area_id(AreaLevel.PROVINCE, _HUE, REFORM),
            valid_from=REFORM,
        ),
    ]


async def draw_map(registry: Database) -> None:
    """Load the map; on the worker's role."""
    async with registry.transaction() as tx:
        await areas.keep(tx, ((1, unit) for unit in units()))


@dataclass
class _Signed:
    """A decision over one household."""

    decision_id: UUID
    household: UUID
    commune: str
    standard: str
    effective_on: date


@dataclass
class Officer:
    """Remembers what it stated, to state it again with one thing changed."""

    registry: Database
    households: list[dict[str, Any]] = field(default_factory=list)
    residences: dict[str, list[tuple[date, str]]] = field(default_factory=dict)
    decisions: list[_Signed] = field(default_factory=list)

    async def register(self, commune: str, birth_date: date) -> None:
        """A mother and a child."""
        child = builders.a_member(
            relation="child", birth_date=str(birth_date), joined_on=str(birth_date)
        )
        body = builders.a_household(builders.a_member(), child, commune=commune)
        if await self._act(lambda tx: households.register(tx, [builders.stated(body)], TODAY)):
            self.households.append(body)
            self.residences[body["household_id"]] = [(date.min, commune)]

    async def decide(self, which: int, status: StatusClass, effective_on: date) -> None:
        """Recognise a class of a household from a day on."""
        body = self._household(which)
        commune = self._lives_in(body, effective_on)
        standard = "ND351-2025" if effective_on >= NEW_STANDARD else "ND07-2021"
        await self._sign(
            UUID(body["household_id"]), status, commune, standard, effective_on, kind="recognise"
        )

    async def correct(self, which: int, status: StatusClass, effective_on: date) -> None:
        """Correct an earlier decision: another class, another day."""
        if self.decisions:
            old = self.decisions[which % len(self.decisions)]
            await self._sign(
                old.household,
                status,
                self._lives_in(self._of(old.household), effective_on),
                old.standard,
                effective_on,
                kind="correct",
                supersedes=old.decision_id,
            )

    async def revoke(self, which: int) -> None:
        """Withdraw an earlier decision, also a correction or a revocation."""
        if self.decisions:
            old = self.decisions[which % len(self.decisions)]
            await self._sign(
                old.household,
                None,
                old.commune,
                old.standard,
                old.effective_on,
                kind="revoke",
                supersedes=old.decision_id,
            )

    async def move(self, which: int, commune: str, from_day: date) -> None:
        """The household lives in a commune from a day on; an earlier day is a correction."""
        body = self._household(which)
        if await self._state(
            body | {"residence": {"commune": commune, "from_day": str(from_day)}}, from_day
        ):
            known = self.residences[body["household_id"]]
            known[:] = [*(one for one in known if one[0] < from_day), (from_day, commune)]

    async def add_member(self, which: int, birth_date: date) -> None:
        """A child is born into the household."""
        body = self._household(which)
        child = builders.a_member(
            relation="child", birth_date=str(birth_date), joined_on=str(birth_date)
        )
        await self._state(body | {"members": [*body["members"], child]}, birth_date)

    async def change_member(self, which: int, place: int, **facts: Any) -> None:
        """What is known of a member is another thing."""
        body = self._household(which)
        members = list(body["members"])
        place %= len(members)
        members[place] = members[place] | facts
        await self._state(body | {"members": members}, TODAY)

    async def split(self, which: int, day: date) -> None:
        """The last member leaves with a household of its own."""
        body = self._household(which)
        if not (there := _present(body)):
            return
        leaver, new = there[-1], new_id()
        away = SplitOff(
            UUID(body["household_id"]), new, {UUID(leaver["person_id"]): Relation.HEAD}, True
        )
        order = _order(day)
        if await self._act(lambda tx: splitting.split(tx, order, away, TODAY)):
            commune = self._lives_in(body, TODAY)
            own = {"relation": "head", "joined_on": str(day)}
            residence = {"commune": commune, "from_day": str(day)}
            founded = {"household_id": str(new), "registered_on": str(day), "residence": residence}
            self.households.append(body | founded | {"members": [leaver | own]})
            self.residences[str(new)] = [(date.min, commune)]
            _leave(body, [leaver], day, "split")

    async def merge(self, which: int, into: int, day: date) -> None:
        """All members of a household join another one."""
        body, other = self._household(which), self._household(into)
        joining = _present(body)
        relations = {UUID(one["person_id"]): Relation.OTHER for one in joining}
        stated = Merge(UUID(body["household_id"]), UUID(other["household_id"]), relations)
        order = _order(day)
        if await self._act(lambda tx: merging.merge(tx, order, stated, TODAY)):
            _leave(body, joining, day, "merged")
            own = {"relation": "other", "joined_on": str(day)}
            other["members"] = [*other["members"], *(one | own for one in joining)]

    async def close(self, which: int, day: date) -> None:
        """The household moved away."""
        household_id = UUID(self._household(which)["household_id"])
        order, why = _order(day), CloseReason.MOVED_AWAY
        await self._act(lambda tx: closing.close(tx, order, household_id, why, TODAY))

    async def _state(self, body: dict[str, Any], effective_on: date) -> bool:
        done = await self._act(
            lambda tx: households.correct(
                tx, builders.stated(body), effective_on, TODAY, lambda _: None
            )
        )
        if done:
            self._of(UUID(body["household_id"])).update(body)
        return done

    async def _sign(
        self,
        household: UUID,
        status: StatusClass | None,
        commune: str,
        standard: str,
        effective_on: date,
        *,
        kind: str,
        supersedes: UUID | None = None,
    ) -> None:
        signed = _Signed(new_id(), household, commune, standard, effective_on)
        stated = builders.a_decision(
            [(household, status)],
            decision_id=signed.decision_id,
            commune=commune,
            standard=standard,
            kind=DecisionKind(kind),
            signed_on=effective_on,
            effective_on=effective_on,
            supersedes=supersedes,
        )
        if await self._act(lambda tx: reviews.decide(tx, stated, TODAY)):
            self.decisions.append(signed)

    async def _act(self, act: Any) -> bool:
        try:
            async with self.registry.transaction(EVERY_AREA) as tx:
                await _perform(act, tx)
        except Problem:
            return False
        return True

    def _household(self, which: int) -> dict[str, Any]:
        return self.households[which % len(self.households)]

    def _of(self, household: UUID) -> dict[str, Any]:
        return next(one for one in self.households if one["household_id"] == str(household))

    def _lives_in(self, body: dict[str, Any], day: date) -> str:
        known = self.residences[body["household_id"]]
        return [commune for from_day, commune in known if from_day <= day][-1]


def _present(body: dict[str, Any]) -> list[dict[str, Any]]:
    return [one for one in body["members"] if not one.get("left_on")]


def _leave(body: dict[str, Any], who: list[dict[str, Any]], day: date, why: str) -> None:
    left = {"left_on": str(day), "left_reason": why}
    body["members"] = [one | left if one in who else one for one in body["members"]]


def _order(day: date) -> Order:
    return Order(act_id=new_id(), effective_on=day, correlation_id=new_id())


async def _perform(act: Any, tx: Transaction) -> None:
    await act(tx)
