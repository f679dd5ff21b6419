"""REST under a partner's registration: the same subjects as on the feed, and only its fields; what
is out of its scope cannot be reached by a write either.
"""

from collections.abc import AsyncIterator
from datetime import date
from typing import Any
from uuid import UUID

import httpx
import pytest_asyncio
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from libs.common.clock import FixedDayClock
from libs.common.ids import new_id
from libs.common.security.roles import Role
from services.credit.app import build
from services.credit.loans.opening import open_loans
from services.credit.loans.schemas import LoanOut
from services.credit.referrals.schemas import ReferralOut
from tests.integration.credit.builders import (
    START,
    a_loan,
    a_plan,
    entitled,
    hand_over,
    refer,
)
from tests.integration.credit.needs import apply, list_needs
from tests.support.certificates import Certificate
from tests.support.edge import a_token, bearer, open_client
from tests.support.partners import BANK, HERE, THERE, every_field, read_all, register
from tests.support.servers import ServiceDatabase

TODAY = date(2022, 6, 1)
FIELDS = ["state", "programme", "area.commune", "terms.max_amount", "need", "principal", "balances"]
TYPES = ("referral.*.v1", "loan.*.v1")
WHOLE: dict[str, Any] = {"event_types": TYPES, "fields": every_field("credit")}
MATCH = {**BANK, "If-Match": "*"}
TERMS = st.fixed_dictionaries(
    {
        "event_types": st.sampled_from([TYPES[:1], TYPES[1:], TYPES]),
        "programmes": st.sampled_from(
            [("credit.*",), ("credit.01",), ("credit.1*", "credit.09"), ("credit_01",), ("none",)]
        ),
        "areas": st.sampled_from([("*",), (HERE,), (THERE,), (HERE, THERE)]),
        "fields": st.lists(st.sampled_from(FIELDS), min_size=1, max_size=4).map(tuple),
    }
)


@pytest_asyncio.fixture
async def client(database: ServiceDatabase) -> AsyncIterator[httpx.AsyncClient]:
    async with open_client(build(), database, clock=FixedDayClock(TODAY)) as opened:
        yield opened


async def fill(database: ServiceDatabase) -> dict[str, UUID]:
    """Referrals and loans of three programmes in two communes; one referral has moved on. Answers
    those of programme 01 and 19 HERE.
    """
    first, second, _ = await refer(database, "01", "19", "09")
    await refer(database, "01", "19", commune=THERE)
    household, moved_on = new_id(), date(2022, 3, 1)
    escaped = (("credit.01", START, moved_on), ("credit.09", moved_on, None))
    async with database.as_worker(FixedDayClock(TODAY)) as worker:
        await hand_over(worker, entitled(household, escaped[0]))
        await hand_over(worker, entitled(household, *escaped, version=2, as_of=moved_on))
        loans = [
            a_loan(new_id(), commune, programme=programme)
            for commune in (HERE, THERE)
            for programme in ("01", "19")
        ]
        async with worker.transaction() as tx:
            await open_loans(tx, loans)
    return {"01": first, "19": second, "loan 01": loans[0].loan_id, "loan 19": loans[1].loan_id}


async def listed(client: httpx.AsyncClient, path: str) -> list[dict[str, Any]]:
    """Every item, two to a page: no page but the last one is short."""
    found, after = [], None
    while True:
        query = {"limit": 2} | ({"after": after} if after else {})
        answer = await client.get(path, params=query, headers=BANK)
        assert answer.status_code == 200, answer.text
        page = answer.json()
        found += page["items"]
        after = page["next"]
        if after is None:
            return found
        assert len(page["items"]) == 2


async def standing(client: httpx.AsyncClient, stream: str) -> dict[str, Any]:
    """What a reader of the feed holds at its end: subject to data."""
    held: dict[str, Any] = {}
    for one in await read_all(client):
        if one["type"].startswith(f"{stream}."):
            held[one["subject"]] = one.get("data")
    return {subject: data for subject, data in held.items() if data is not None}


async def check(client: httpx.AsyncClient, path: str, stream: str, model: Any) -> None:
    held, ids = await standing(client, stream), model.told_by.ids
    rows = {row[f"{stream}_id"]: row for row in await listed(client, path)}
    assert rows.keys() == held.keys()
    for subject, row in rows.items():
        told = held[subject]
        if "area" in told:
            assert row.pop("commune") == told["area"]["commune"]
        own = {name: value for name, value in row.items() if name not in ids}
        # What no field of the event is called hangs on one that is.
        derived = {name for name in own if model.told_by.path(name) != name}
        assert {model.told_by.path(name) for name in derived} <= told.keys()
        assert {name: own[name] for name in own.keys() - derived} == {
            name: told[name] for name in (told.keys() & model.model_fields.keys()) - {*ids}
        }


@pytest_asyncio.fixture
async def ids(database: ServiceDatabase) -> dict[str, UUID]:
    return await fill(database)


@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(drawn=TERMS)
async def test_any_registration_shows_the_same_on_the_feed_and_over_rest(
    client: httpx.AsyncClient,
    database: ServiceDatabase,
    ids: dict[str, UUID],
    drawn: dict[str, Any],
) -> None:
    async with database.as_api() as api, api.transaction() as tx:
        await register(tx, **drawn)
    await check(client, "/v1/referrals", "referral", ReferralOut)
    await check(client, "/v1/loans", "loan", LoanOut)


async def test_a_partner_reaches_nothing_outside_its_registration(
    client: httpx.AsyncClient, database: ServiceDatabase, ids: dict[str, UUID]
) -> None:
    need = new_id()
    async with database.as_api(FixedDayClock(TODAY)) as api:
        async with api.transaction(HERE) as tx:
            await apply(tx, need, ids["19"])
            await list_needs(tx, new_id(), HERE, need)
            await a_plan(tx, HERE)
        async with api.transaction() as tx:
            await register(tx, **WHOLE, programmes=("credit.19",))

    stranger = await client.get("/v1/loans", headers=bearer(Role.BANK, subject="stranger"))
    assert (stranger.status_code, stranger.json()["code"]) == (403, "partner.unregistered")

    received, paid = {"received_on": "2022-05-17"}, {"on": "2022-05-31"}
    for path, body in (
        (f"/v1/referrals/{ids['01']}/receipt", received),
        (f"/v1/loans/{ids['loan 01']}/closing", paid),
    ):
        refused = await client.put(path, json=body, headers=MATCH)
        assert refused.status_code == 404, refused.text
    own = await client.put(f"/v1/loans/{ids['loan 19']}/closing", json=paid, headers=MATCH)
    assert own.status_code == 200, own.text

    [seen] = (await client.get("/v1/needs", headers=BANK)).json()["items"]
    assert seen["need_id"] == str(need)
    [sheet] = (await client.get("/v1/lists", headers=BANK)).json()["items"]
    assert sheet["entries_total"] == 1
    assert (await client.get("/v1/plans", headers=BANK)).json()["items"] == []

    async with database.as_api() as api, api.transaction() as tx:
        await register(tx, programmes=("credit.01",), fields=("programme",))
    for path in ("/v1/needs", "/v1/lists"):
        assert (await client.get(path, headers=BANK)).json()["items"] == [], path
    assert (await client.get(f"/v1/needs/{need}", headers=BANK)).status_code == 404
    [plan] = (await client.get("/v1/plans", headers=BANK)).json()["items"]
    assert plan["programme"] == "01"
    asked = await client.get("/v1/referrals?state=open&programme=01", headers=BANK)
    assert asked.status_code == 403
    assert [error["pointer"] for error in asked.json()["errors"]] == ["/query/state"]
    # What it pays out for a referral that it sees becomes a loan, also where it reads of no loans.
    contract = {"paid_on": "2022-05-25", "amount": 20_000_000, "contract_number": "HD-1"}
    path = f"/v1/referrals/{ids['01']}/disbursement"
    paid_out = await client.put(path, json=contract, headers=MATCH)
    assert paid_out.status_code == 200, paid_out.text
    assert (await client.get("/v1/loans", headers=BANK)).json()["items"] == []
    other = await client.put(
        f"/v1/plans/{HERE}/local/19/2022", json={"amount": 1, "document": "KH-9"}, headers=MATCH
    )
    assert other.status_code == 403


async def test_every_call_of_a_partner_counts_against_its_rate_and_no_other_caller_is_held(
    client: httpx.AsyncClient, database: ServiceDatabase
) -> None:
    async with database.as_api() as api, api.transaction() as tx:
        await register(tx, per_second=1)
    asked = [await client.get("/v1/terms?programme=01", headers=BANK) for _ in range(20)]
    refused = [one for one in asked if one.status_code == 429]
    assert refused
    assert refused[0].json()["code"] == "partner.rate"
    assert int(refused[0].headers["Retry-After"]) >= 1
    for _ in range(20):
        assert (await client.get("/v1/groups", headers=bearer(Role.OFFICER))).status_code == 200


async def test_a_certificate_is_asked_for_where_one_is_registered_or_the_token_is_bound(
    database: ServiceDatabase,
) -> None:
    """Behind a gateway of mutual TLS. Both certificates hold while one replaces the other."""
    old, new, strange = (Certificate.made() for _ in range(3))
    async with database.as_api() as api, api.transaction() as tx:
        await register(tx, certificates=(old.thumbprint, new.thumbprint))
    clock, header = FixedDayClock(TODAY), "X-Client-Cert"

    async def ask(who: dict[str, str], certificate: str | None) -> tuple[int, str | None]:
        given = {} if certificate is None else {header: certificate}
        answer = await gateway.get("/v1/terms?programme=01", headers={**who, **given})
        return answer.status_code, answer.json().get("code")

    async with open_client(build(), database, clock=clock, certificate_header=header) as gateway:
        for known in (old, new):
            assert await ask(BANK, known.header) == (200, None)
        for other in (strange.header, "", "%%%", None):
            assert await ask(BANK, other) == (403, "partner.certificate")
        officer = bearer(Role.OFFICER)
        assert await ask(officer, None) == (200, None)
        bound = {"Authorization": f"Bearer {a_token(Role.OFFICER, bound_to=new.thumbprint)}"}
        assert await ask(bound, new.header) == (200, None)
        for other in (old.header, None):
            assert await ask(bound, other) == (401, "http.unauthorized")
