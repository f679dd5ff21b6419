"""The bank's form as its office fills it: 03/TD fetched, outcome columns filled, sent back."""

import csv
import io
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

import httpx

from libs.common.ids import new_id
from services.credit.files.form import FORM, TITLES
from tests.integration.credit.builders import refer
from tests.integration.credit.needs import BANK, Road
from tests.support.partners import SHARED, register
from tests.support.servers import ServiceDatabase

PURPOSE = {"X-Purpose": "doi-soat"}
DONE = {
    "received_on": "13/05/2022",
    "answered_on": "19/05/2022",
    "approved": "duyệt",
    "paid_on": "25/05/2022",
    "paid_amount": "40.000.000",
}


async def narrow_tester(database: ServiceDatabase, **changed: Any) -> None:
    """Another registration of the partner whose tokens `BANK` is."""
    async with database.as_api() as connections, connections.transaction() as tx:
        await register(tx, "tester", **{**SHARED["credit"], **changed})


async def needs_at_the_bank(
    road: Road, database: ServiceDatabase, *programmes: str, commune: str = "01882"
) -> list[UUID]:
    """Referrals whose needs the commune has sent, one per programme."""
    referrals = await refer(database, *programmes, commune=commune)
    for referral_id in referrals:
        need_id, list_id = new_id(), new_id()
        await road.apply(need_id, referral_id)
        await road.vote(list_id, need_id, commune=commune)
        answer = await road.confirm(list_id, need_id)
        assert answer.is_success, answer.text
    return referrals


def a_file(lines: Iterable[Mapping[str, object]]) -> bytes:
    """A CSV of the form with these columns."""
    lines = list(lines)
    names = list(dict.fromkeys(name for line in lines for name in line))
    text = io.StringIO()
    rows = csv.writer(text)
    rows.writerow([TITLES[name] for name in names])
    rows.writerows([line.get(name, "") for name in names] for line in lines)
    return text.getvalue().encode()


def as_lines(content: bytes) -> list[dict[str, str]]:
    """A CSV of the form by our names for its columns."""
    names = {column.title: column.name for column in FORM.columns}
    rows = csv.DictReader(io.StringIO(content.decode("utf-8-sig")))
    return [{names[title]: cell for title, cell in row.items()} for row in rows]


async def send(client: httpx.AsyncClient, content: bytes) -> httpx.Response:
    headers = {**BANK, **PURPOSE}
    return await client.post("/v1/files/outcomes", content=content, headers=headers)


async def report(client: httpx.AsyncClient, file_id: str, query: str = "") -> list[dict[str, str]]:
    path = f"/v1/files/outcomes/{file_id}/report?format=csv{query}"
    answer = await client.get(path, headers=BANK)
    assert answer.status_code == 200, answer.text
    return as_lines(answer.content)


def counts(answer: httpx.Response) -> tuple[int, int, int]:
    """Recorded, unchanged and refused; together they are the lines."""
    body = answer.json()
    found = body["recorded"], body["unchanged"], body["refused"]
    assert (body["state"], sum(found)) == ("done", body["lines"]), body
    return found
