"""Increases and decreases of the roll as a file: each change once, in one file, as it was known."""

import csv
import io
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import httpx

from libs.common.clock import FixedDayClock, start_of_day
from libs.common.database import Database
from libs.common.ids import new_id
from libs.common.security.roles import Role
from services.eligibility.app import build
from services.eligibility.files.form import FORM
from services.eligibility.insurance.handlers import on_entitlements
from services.eligibility.sweeps.store import move_law_day
from tests.support.edge import bearer, open_client
from tests.support.eligibility import NEW_YEAR, an_entitlement, deliver, entitlements_of, received
from tests.support.partners import register
from tests.support.servers import ServiceDatabase

INSURER, OFFICER = bearer(Role.INSURER), bearer(Role.OFFICER)
FEBRUARY, MARCH, JUNE = date(2022, 2, 1), date(2022, 3, 1), date(2022, 6, 1)
Change = tuple[str, UUID, str, str, str]


@dataclass(frozen=True)
class Then(FixedDayClock):
    """A day on which something is recorded, too."""

    def now(self) -> datetime:
        return start_of_day(self.day)


async def on(
    service: ServiceDatabase, day: date, household: UUID, version: int, *rights: tuple[object, ...]
) -> None:
    """What a household's members are entitled to, as it becomes known on a day."""
    given = [an_entitlement(*right) for right in rights]  # type: ignore[arg-type]
    async with service.as_worker(Then(day)) as connections:
        data = entitlements_of(household, *given)
        await deliver(connections, on_entitlements, received(data, version))


async def fetch(client: httpx.AsyncClient, query: str, caller: dict[str, str]) -> set[Change]:
    path = f"/v1/files/d03-ts?format=csv&{query}"
    answer = await client.get(path, headers={**caller, "X-Purpose": "doi-soat"})
    assert answer.status_code == 200, answer.text
    names = {column.title: column.name for column in FORM.columns}
    lines = [
        {names[title]: cell for title, cell in row.items()}
        for row in csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")))
    ]
    assert [line["number"] for line in lines] == [str(one + 1) for one in range(len(lines))]
    assert {line["full_name"] + line["insurance_number"] for line in lines} <= {""}
    return {
        (
            line["change"],
            UUID(line["person_id"]),
            line["group_before"],
            line["group_now"],
            line["changed_on"],
        )
        for line in lines
    }


async def test_files_whose_days_follow_each_other_say_every_change_once(
    service: ServiceDatabase, database: Database
) -> None:
    household, one, two = new_id(), new_id(), new_id()
    poor = ("insurance.HN", one, NEW_YEAR, date(2022, 2, 5))
    near = ("insurance.CN", one, date(2022, 2, 5))
    child = ("insurance.TE", two, date(2022, 2, 10))
    await on(service, date(2022, 1, 10), household, 1, ("insurance.HN", one, NEW_YEAR))
    await on(service, date(2022, 2, 15), household, 2, poor, near, child)
    # What is learnt in March of February belongs to the file of March.
    await on(service, date(2022, 3, 5), household, 3, poor, near, (*child, date(2022, 2, 20)))
    async with database.transaction() as tx:
        await move_law_day(tx, JUNE)

    joined: Change = ("tăng", one, "", "HN", "2022-01-01")
    moved: Change = ("chuyển nhóm", one, "HN", "CN", "2022-02-05")
    came: Change = ("tăng", two, "", "TE", "2022-02-10")
    left: Change = ("giảm", two, "TE", "", "2022-02-20")
    async with open_client(build(), service, clock=FixedDayClock(JUNE)) as client:
        files = [
            await fetch(client, f"from={since}{until}", OFFICER)
            for since, until in (
                (date(2022, 1, 5), f"&until={FEBRUARY}"),
                (FEBRUARY, f"&until={MARCH}"),
                (MARCH, ""),
            )
        ]
        assert files == [{joined}, {moved, came}, {left}]
        path = "/v1/files/d03-ts?from=2022-03-01"
        wrong = await client.get(f"{path}&until=2022-03-01", headers=OFFICER)
        assert wrong.json()["code"] == "file.days"

        # An insurer of one group sees who joins it and who leaves it, and no other group.
        stranger = bearer(Role.INSURER, subject="nobody")
        assert (await client.get(path, headers=stranger)).status_code == 403
        async with service.as_api() as connections, connections.transaction() as tx:
            await register(
                tx,
                "tester",
                subjects=("tester",),
                event_types=("insurance.*.v1",),
                programmes=("insurance.HN", "insurance.TE"),
                fields=("periods.person_id", "periods.group"),
            )
        assert await fetch(client, f"from={FEBRUARY}&until={MARCH}", INSURER) == {
            ("giảm", one, "HN", "", ""),
            ("tăng", two, "", "TE", ""),
        }
    async with database.transaction() as tx:
        trail = await tx.fetch(
            "SELECT purpose, subjects FROM audit_line WHERE act = 'GET /v1/files/d03-ts'"
            " AND caller = 'tester' ORDER BY line_id"
        )
    assert [(row["purpose"], set(row["subjects"])) for row in trail][-1] == ("doi-soat", {one, two})
