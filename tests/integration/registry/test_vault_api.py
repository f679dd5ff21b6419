"""Who a member is, over HTTP: masked or for a purpose, and nowhere else to be read."""

import hashlib
import json
import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx
import pytest
import pytest_asyncio

from libs.common.clock import FixedDayClock
from libs.common.floor import on_common_floor
from libs.common.ids import new_id
from libs.common.security.roles import Role
from libs.common.telemetry.logs import JsonLines
from libs.common.web.paging import encode_cursor
from services.registry.app import build
from tests.integration.registry.builders import COMMUNE, TODAY, a_household
from tests.support.edge import bearer, open_client
from tests.support.servers import ServiceDatabase

OFFICER = bearer(Role.OFFICER, areas=[COMMUNE])
FOR_REVIEW = {**OFFICER, "X-Purpose": "review.2022"}
NAME, NUMBER, ADDRESS = "Zyxô Vưqwê", "006 080 777 888", "Bản Qzwx"


@dataclass
class Home:
    client: httpx.AsyncClient
    household: UUID
    person: UUID

    @property
    def at(self) -> str:
        return f"/v1/households/{self.household}/members/{self.person}/identity"

    async def put(self, *, tag: str = "*", **body: Any) -> httpx.Response:
        headers = {**OFFICER, "If-Match": tag, "Idempotency-Key": str(new_id())}
        sent = {"from_day": "2022-01-05", **body}
        return await self.client.put(self.at, json=sent, headers=headers)


@pytest_asyncio.fixture
async def home(registry: ServiceDatabase) -> AsyncIterator[Home]:
    service = on_common_floor(build())
    async with open_client(service, registry, clock=FixedDayClock(TODAY)) as client:
        body = a_household()
        answer = await client.post("/v1/households", json=body, headers=OFFICER)
        assert answer.status_code == 201, answer.text
        household, person = body["household_id"], body["members"][0]["person_id"]
        yield Home(client, UUID(household), UUID(person))


async def test_masked_unless_a_registered_purpose_is_stated(
    registry: ServiceDatabase, home: Home
) -> None:
    assert (await home.client.get(home.at, headers=OFFICER)).json() == {
        "person_id": str(home.person),
        "is_masked": True,
        "name": None,
        "numbers": {},
        "address": None,
    }
    put = await home.put(name=NAME, numbers={"UIN": NUMBER}, address=ADDRESS)
    assert put.status_code == 200, put.text
    assert [one["en"] for one in put.json()["doubts"]] == ["The fourth digit says another sex."]
    masked = await home.client.get(home.at, headers=OFFICER)
    assert masked.json()["name"] == "Z*** V***"
    assert masked.json()["numbers"] == {"UIN": "***888"}
    clear = await home.client.get(home.at, headers=FOR_REVIEW)
    assert (clear.json()["name"], clear.json()["is_masked"]) == (NAME, False)
    assert clear.json()["numbers"] == {"UIN": "006080777888"}
    assert clear.json()["address"] == ADDRESS

    for stated in ("curiosity", "inspection"):  # unknown; another role's
        refused = await home.client.get(home.at, headers={**OFFICER, "X-Purpose": stated})
        assert (refused.status_code, refused.json()["code"]) == (403, "purpose.not_registered")
    async with registry.as_worker() as worker:
        lines = await worker.pool.fetch(
            "SELECT purpose FROM audit_line WHERE kind = 'read' AND $1 = ANY(subjects) "
            "ORDER BY line_id",
            home.person,
        )
    assert [line["purpose"] for line in lines] == [None, None, "review.2022"]


async def test_two_officers_do_not_overwrite_each_other(home: Home) -> None:
    read = (await home.client.get(home.at, headers=OFFICER)).headers["ETag"]
    first = await home.put(tag=read, name="Lý A")
    assert first.status_code == 200, first.text
    second = await home.put(tag=read, name="Mã B")
    assert (second.status_code, second.json()["code"]) == (412, "version.stale")
    assert (await home.put(tag=first.headers["ETag"], address=ADDRESS)).status_code == 200


REPLACED: tuple[dict[str, Any], ...] = (
    {"name": "Lý B"},
    {"name": "Lý B", "from_day": "2022-01-01"},  # also where the known one begins later
    {"numbers": {"UIN": "006080777889"}},
)


async def test_one_officer_records_what_is_not_known_and_replaces_no_name_or_number(
    home: Home,
) -> None:
    assert (await home.put(name=NAME, numbers={"UIN": NUMBER})).status_code == 200
    for body in REPLACED:
        refused = await home.put(**body)
        assert (refused.status_code, refused.json()["code"]) == (409, "change.takes_two")
    number = home.at.replace("/identity", "/identifiers/UIN")
    sent = {"value": "006080777889", "from_day": "2022-05-01"}
    refused = await home.client.put(number, json=sent, headers=OFFICER)
    assert (refused.status_code, refused.json()["code"]) == (409, "change.takes_two")
    # The same again, another kind of number and another address are one person's.
    again = {"name": NAME, "numbers": {"UIN": NUMBER, "BRN": "KS-12"}, "address": ADDRESS}
    for body in (again, {"address": "Bản khác", "from_day": "2022-05-01"}):
        assert (await home.put(**body)).status_code == 200


REFUSED: tuple[tuple[dict[str, Any], str, str], ...] = (
    ({"name": "Lý 3"}, "/name", "name.form"),
    ({"name": "..."}, "/name", "name.form"),
    ({"numbers": {"UIN": "0061"}}, "/numbers/UIN", "identifier.form"),
    ({"address": "a\x01b"}, "/address", "address.form"),
    ({"from_day": "2022-06-02"}, "/from_day", "day.future"),
)


async def test_what_is_refused_names_field_and_rule(home: Home) -> None:
    for body, pointer, rule in REFUSED:
        answer = await home.put(**body)
        assert answer.status_code == 422, answer.text
        errors = answer.json()["errors"]
        assert [(one["pointer"], one["rule"]) for one in errors] == [(pointer, rule)]


async def test_no_value_stands_anywhere_but_sealed(
    registry: ServiceDatabase, home: Home, caplog: pytest.LogCaptureFixture
) -> None:
    """Not in any table, in no refusal and no line of the log; not even as a hash without a key."""
    caplog.set_level(logging.DEBUG)
    answers = [await home.put(name=NAME, numbers={"UIN": NUMBER}, address=ADDRESS)]
    answers.append(await home.put(name=NAME + "7", numbers={"UIN": NUMBER + "1"}))
    other = a_household()
    await home.client.post("/v1/households", json=other, headers=OFFICER)
    at = f"/v1/households/{other['household_id']}/members/{other['members'][0]['person_id']}"
    taken = {"numbers": {"UIN": NUMBER}, "from_day": "2022-01-05"}
    headers = {**OFFICER, "If-Match": "*"}
    answers.append(await home.client.put(f"{at}/identity", json=taken, headers=headers))
    asked = {"type": "UIN", "value": NUMBER}
    keyed = {**FOR_REVIEW, "Idempotency-Key": "look"}
    found = await home.client.post("/v1/persons/lookup", json=asked, headers=keyed)
    assert [one["name"] for one in found.json()["items"]] == [NAME]
    assert [one.status_code for one in answers] == [200, 422, 409]

    texts = [one.text for one in answers]
    texts += [JsonLines("registry", "api").format(record) for record in caplog.records]
    async with registry.as_worker() as worker:
        tables = await worker.pool.fetch(
            "SELECT relname FROM pg_class WHERE relkind = 'r' "
            "AND relnamespace = 'public'::regnamespace AND has_table_privilege(oid, 'SELECT')"
        )
        for [table] in tables:
            rows = await worker.pool.fetch(f"SELECT t::text FROM {table} AS t")
            texts += [row[0] for row in rows]
        hashes = await worker.pool.fetch("SELECT request_hash FROM idempotency_key")
    assert len(tables) > 20
    assert hashes
    values = (NAME, "Zyxô", "zyxo", "Vưqwê", "vuqwe", NUMBER, "006080777888", ADDRESS, "Qzwx")
    wrong = [v for v in values for form in (v, v.encode().hex()) if any(form in t for t in texts)]
    assert wrong == []
    sent = json.dumps({"from_day": "2022-01-05", "name": NAME}).encode()
    assert hashlib.sha256(f"{home.at}?\n".encode() + sent).digest() not in [h[0] for h in hashes]


async def test_persons_are_found_by_name_in_pages(registry: ServiceDatabase, home: Home) -> None:
    await home.put(name=NAME)
    query = {"name": "vuqwe", "birth_year": "1980", "commune": COMMUNE, "limit": "1"}
    answer = await home.client.get("/v1/persons", params=query, headers=OFFICER)
    assert answer.json()["next"] is None
    [item] = answer.json()["items"]
    assert item == {
        "person_id": str(home.person),
        "household_id": str(home.household),
        "commune": COMMUNE,
        "birth_year": 1980,
        "sex": "female",
        "name": "Z*** V***",
        "is_masked": True,
    }
    for key in ("[]", ("01882", "99999", str(home.person)), ("01882", "x", "y")):
        asked = {"name": "a", "after": encode_cursor(key)}
        wrong = await home.client.get("/v1/persons", params=asked, headers=OFFICER)
        assert (wrong.status_code, wrong.json()["code"]) == (422, "page.cursor")
