"""What operators say of a partner by DCI, and what officers record that makes a person findable."""

from datetime import date
from typing import Any

import httpx
import pytest

from libs.common.security.roles import Role
from services.registry.vault import acts as vault
from services.registry.vault.acts import PersonIdentity
from services.registry.vault.domain import IdentifierType
from tests.integration.dci.conftest import HERE, THERE, Registry
from tests.support.dci import OURS, THEIR_ID, THEIRS, a_jwk, a_search, an_item
from tests.support.edge import bearer
from tests.support.partners import OPERATOR, as_body, terms
from tests.support.vault import VAULT

AT = "/internal/v1/partners"


def by_dci(**changed: Any) -> dict[str, Any]:
    return {
        "sender_id": "insurer.test",
        "keys": OURS.published()["keys"],
        "scopes": ["registry/search"],
        "record_types": ["Group"],
        "notify_url": "https://insurer.example.vn/dci/registry/notify",
    } | changed


async def put(registry: Registry, body: dict[str, Any], **headers: str) -> httpx.Response:
    at = f"{AT}/insurer/dci"
    return await registry.client.put(at, json=body, headers={**OPERATOR, **headers})


async def test_an_operator_registers_a_partner_by_dci(registry: Registry) -> None:
    given = {"event_types": ("household.*.v1",), "programmes": ("*",), "subjects": ("insurer",)}
    for fields, status in ((("group.salary",), 422), (("group", "person.sex"), 201)):
        body = as_body(terms(**given, fields=fields), partner="insurer")
        made = await registry.client.post(AT, json=body, headers=OPERATOR)
        assert made.status_code == status, made.text
    missing = await registry.client.get(f"{AT}/insurer/dci", headers=OPERATOR)
    assert missing.status_code == 404
    made = await put(registry, by_dci())
    assert (made.status_code, made.json()["version"]) == (200, 1), made.text
    assert (await put(registry, by_dci())).status_code == 428
    changed = await put(registry, by_dci(scopes=["registry/subscribe"]), **{"If-Match": '"1"'})
    assert changed.json()["scopes"] == ["registry/subscribe"]
    shown = await registry.client.get(f"{AT}/insurer/dci", headers=OPERATOR)
    assert shown.json() == changed.json()
    assert '"d"' not in shown.text
    refused = await registry.client.put(
        f"{AT}/insurer/dci", json=by_dci(), headers=bearer(Role.BANK)
    )
    assert refused.status_code == 403
    for broken, pointer, rule in (
        ({"keys": []}, "/keys", "dci.key"),
        ({"keys": [a_jwk(b"t" * 32)]}, "/keys/0", "dci.key"),
        ({"keys": THEIRS.published()["keys"] * 2}, "/keys/1/kid", "dci.key"),
        ({"sender_id": THEIR_ID}, "/sender_id", "dci.sender_taken"),
        ({"callback_urls": ["file:///etc/passwd"]}, "/callback_urls/0", "dci.url"),
        ({"notify_url": "https://user:secret@example.vn"}, "/notify_url", "dci.url"),
    ):
        answer = await put(registry, by_dci(**broken), **{"If-Match": '"2"'})
        assert answer.status_code == 422, answer.text
        assert [(one["pointer"], one["rule"]) for one in answer.json()["errors"]] == [
            (pointer, rule)
        ]


@pytest.mark.parametrize("value", ["006215000017", " 0062 1500 0017"])
async def test_an_officer_records_a_number_and_a_partner_finds_its_bearer(
    registry: Registry, value: str
) -> None:
    """The number itself is nowhere: not in the answer, not in the database, not on the trail."""
    async with registry.database.as_worker() as worker:
        child = await worker.pool.fetchval(
            "SELECT person_id FROM member WHERE household_id = $1 AND relation = 'child'",
            registry.near,
        )
    at = f"/v1/households/{registry.near}/members/{child}/identifiers"
    officer = bearer(Role.OFFICER, areas=[HERE])
    body = {"value": value, "from_day": "2021-12-15"}
    answer = await registry.client.put(f"{at}/UIN", json=body, headers=officer)
    assert answer.status_code == 200, answer.text
    assert answer.json() == {"type": "UIN", "from_day": "2021-12-15", "doubts": []}
    query = {"type": "UIN", "value": "006215000017"}
    found = await registry.post(a_search(an_item(query, reg_record_type="SRPerson")))
    [record] = found.json()["message"]["search_response"][0]["data"]["reg_records"]
    assert record["identifier"][1]["identifier_value"] == str(child)
    async with registry.database.as_worker() as worker:
        for table in ("identifier", "audit_line", "event_log"):
            rows = await worker.pool.fetch(f"SELECT t::text AS text FROM {table} AS t")
            assert not [row for row in rows if "006215000017" in row["text"]], table


async def test_a_number_has_one_bearer_its_form_and_its_officer(registry: Registry) -> None:
    at = f"/v1/households/{registry.near}/members/{registry.bearer}/identifiers"
    far = f"/v1/households/{registry.far}/members/{registry.stranger}/identifiers"
    body = {"value": "095123456", "from_day": "2021-12-15"}
    here, there = (bearer(Role.OFFICER, areas=[area]) for area in (HERE, THERE))
    put = registry.client.put
    assert (await put(f"{at}/NIN", json=body, headers=here)).status_code == 200
    taken = await put(f"{far}/NIN", json=body, headers=there)
    assert (taken.status_code, taken.json()["code"]) == (409, "identifier.taken")
    lost = await put(f"{at}/NIN", json=body, headers=there)
    assert (lost.status_code, lost.json()["code"]) == (404, "person.not_found")
    wrong = await put(f"{at}/UIN", json={**body, "value": "12"}, headers=here)
    assert [one["rule"] for one in wrong.json()["errors"]] == ["identifier.form"]
    assert "12" not in wrong.json()["errors"][0]["message"]["en"].replace("12 digits", "")
    # From a later day on another number, by two persons: the earlier one finds nobody any more.
    later = PersonIdentity(
        registry.bearer, registry.near, date(2022, 2, 1), numbers={IdentifierType.NIN: "095999999"}
    )
    async with registry.database.as_api() as api, api.transaction(HERE) as tx:
        await vault.record(tx, VAULT, [later])
    numbers = ("095123456", "095999999")
    items = [an_item({"type": "NIN", "value": number}) for number in numbers]
    answer = (await registry.post(a_search(*items))).json()["message"]["search_response"]
    assert [one["pagination"]["total_count"] for one in answer] == [0, 1]
    # The old number is free for whoever bore it by mistake.
    assert (await put(f"{far}/NIN", json=body, headers=there)).status_code == 200
