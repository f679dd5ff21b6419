"""One household's story, step by step, each step with what followed from it."""

import time
from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from ansinh.demo.client import Client
from ansinh.demo.days import sweep_to
from ansinh.demo.load import decision_request, household_request
from ansinh.demo.population import Person, ReviewedHousehold
from ansinh.demo.settings import DemoClock
from ansinh.demo.stage import Effects, Say
from libs.common.ids import derived_id
from libs.common.security.roles import Role
from libs.common.vocabulary import (
    Disability,
    Employment,
    Relation,
    Schooling,
    Sex,
    StatusClass,
)

COMMUNE = "01882"  # xã Nghiên Loan, huyện Pác Nặm
REGISTERED_ON = date(2022, 1, 10)
BECOMES_POOR = date(2022, 2, 1)
CHILD_TURNS_SIX = date(2022, 3, 20)
ESCAPES = date(2022, 7, 1)
CORRECTED = date(2022, 7, 8)


def story_household() -> ReviewedHousehold:
    """A farming family of four; the younger child turns six in the story."""

    def person(name: str, born: date, sex: Sex, relation: Relation, work: Employment) -> Person:
        return Person(
            person_id=derived_id("demo-story", name),
            birth_date=born,
            sex=sex,
            ethnicity="tay",
            relation=relation,
            disability=Disability.NONE,
            schooling=Schooling.NOT_ATTENDING,
            employment=work,
            has_pension=False,
        )

    farming, inactive = Employment.FARMING, Employment.INACTIVE
    return ReviewedHousehold(
        household_id=derived_id("demo-story", "household"),
        commune=COMMUNE,
        status=StatusClass.POOR,
        is_farm_household=True,
        members=(
            person("father", date(1988, 4, 2), Sex.MALE, Relation.HEAD, farming),
            person("mother", date(1990, 11, 15), Sex.FEMALE, Relation.SPOUSE, farming),
            person("son", date(2013, 6, 8), Sex.MALE, Relation.CHILD, inactive),
            person("daughter", date(2016, 3, 20), Sex.FEMALE, Relation.CHILD, inactive),
        ),
    )


async def tell_story(client: Client, effects: Effects, clock: DemoClock, say: Say) -> UUID:
    """Tell it; answers the household's id. Telling it again changes nothing.

    Args:
        client: a caller of the platform.
        effects: returns when all that was said has taken effect.
        clock: the platform's business day, where it is one that can be moved.
        say: told every line.
    """
    household = story_household()
    teller = _Teller(client, effects, clock, say, household.household_id)
    say(f"Câu chuyện của một hộ / one household's story: {household.household_id}")

    clock.day = max(clock.day, REGISTERED_ON)
    await client.post(
        Role.OFFICER, "/registry/v1/households", household_request(household, REGISTERED_ON)
    )
    await teller.settle("Đăng ký / registered", REGISTERED_ON)

    await teller.decide("poor", "31/QĐ-UBND", date(2022, 1, 27), BECOMES_POOR, "poor")
    await teller.settle("Thành hộ nghèo / becomes poor", BECOMES_POOR)

    await teller.pass_time(CHILD_TURNS_SIX)
    await teller.settle("Con tròn 6 tuổi / a child turns 6", CHILD_TURNS_SIX)

    await teller.decide("escape", "207/QĐ-UBND", date(2022, 6, 28), ESCAPES, "none")
    await teller.settle("Thoát nghèo / escapes poverty", ESCAPES)

    clock.day = max(clock.day, CORRECTED)
    await teller.decide(
        "correction", "12/QĐ-UBND", CORRECTED, ESCAPES, "near_poor", corrects="escape"
    )
    await teller.settle("Đính chính quyết định / the decision is corrected", CORRECTED)
    return household.household_id


class _Teller:
    """Acts, waits for the effects, and prints what changed since the step before."""

    def __init__(
        self, client: Client, effects: Effects, clock: DemoClock, say: Say, household_id: UUID
    ) -> None:
        self._client = client
        self._effects = effects
        self._clock = clock
        self._say = say
        self._household = household_id
        self._told: set[UUID] = set()
        self._swept: set[date] = set()

    async def decide(
        self,
        name: str,
        number: str,
        signed_on: date,
        effective_on: date,
        status: str,
        corrects: str | None = None,
    ) -> None:
        self._clock.day = max(self._clock.day, effective_on)
        body = decision_request(
            derived_id("demo-story", name),
            COMMUNE,
            number=number,
            signed_on=signed_on,
            effective_on=effective_on,
            rows=[{"household_id": str(self._household), "status": status}],
            kind="correct" if corrects else "recognise",
            supersedes=derived_id("demo-story", corrects) if corrects else None,
        )
        await self._client.post(Role.CHAIRMAN, "/registry/v1/decisions", body)

    async def pass_time(self, day: date) -> None:
        """Let the day come for everyone, and the daily sweep of what it changes."""
        self._clock.day = max(self._clock.day, day)
        sweep = await sweep_to(self._client, self._clock.day)
        if sweep["households"] and self._clock.day not in self._swept:
            self._swept.add(self._clock.day)
            self._say(
                f"\nRà đến hạn {self._clock.day:%d/%m/%Y} / sweep: {sweep['households']:,} hộ "
                f"xét lại / households decided again, {sweep['changed']:,} thay đổi / changed"
            )

    async def settle(self, title: str, day: date) -> None:
        """Wait for the effects of a step and say them."""
        begun = time.monotonic()
        if day > REGISTERED_ON:
            await self.pass_time(day)
        await self._effects()
        self._say(f"\n{day:%d/%m/%Y}  {title}  ({time.monotonic() - begun:.2f} s)")
        for entry in await self._news():
            self._say(f"    {entry['summary']['vi']}")
            self._say(f"      {entry['summary']['en']}")

    async def _news(self) -> Sequence[dict[str, Any]]:
        page = await self._client.get(
            Role.PROVINCE, f"/reporting/v1/households/{self._household}/timeline", limit=200
        )
        fresh = [entry for entry in page["items"] if UUID(entry["event_id"]) not in self._told]
        self._told |= {UUID(entry["event_id"]) for entry in fresh}
        return fresh
