"""Endpoints over HTTP and by command: secrets are shown and never kept, addresses are looked at."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

import httpx
import pytest
import pytest_asyncio

from ansinh.ops import partners as commands
from ansinh.ops.client import Operator, Unanswered
from ansinh.services import with_partners
from libs.common.clock import SystemClock
from libs.common.floor import on_common_floor
from libs.common.ids import new_id
from libs.common.partners import standing
from libs.common.security.roles import Role
from services.credit.app import build
from tests.integration.partners.conftest import PARTNERS, Credit
from tests.support.edge import a_token, bearer, open_client
from tests.support.partners import DAY, OPERATOR, a_referral, as_body, say, terms
from tests.support.receiver import receiving

AT = "/internal/v1/partners/nhcsxh/endpoints"
URL = "http://127.0.0.1:9/hook"


@pytest_asyncio.fixture
async def client(credit: Credit) -> AsyncIterator[httpx.AsyncClient]:
    service = on_common_floor(build())
    async with open_client(
        service, credit.database, clock=SystemClock(), partners=PARTNERS
    ) as opened:
        yield opened


async def secrets(client: httpx.AsyncClient, endpoint: str) -> list[str]:
    answer = await client.get(f"/internal/v1/webhooks/{endpoint}/secrets", headers=OPERATOR)
    found: list[str] = answer.json()["secrets"]
    return found


async def test_a_secret_is_shown_on_asking_and_stands_nowhere(
    client: httpx.AsyncClient, credit: Credit
) -> None:
    headers = {**OPERATOR, "Idempotency-Key": str(new_id())}
    made = await client.post(AT, headers=headers, json={"url": URL})
    assert made.status_code == 201
    endpoint = made.json()["endpoint_id"]
    [secret] = await secrets(client, endpoint)
    assert secret.startswith("whsec_")
    assert secret not in made.text
    [kept] = await credit.worker.pool.fetch("SELECT secrets::text FROM webhook_endpoint")
    assert secret.removeprefix("whsec_") not in kept[0]
    lines = await credit.worker.pool.fetch(
        "SELECT kind, act FROM audit_line WHERE subject_kind = 'endpoint' ORDER BY line_id"
    )
    assert [(one["kind"], one["act"].rpartition("/")[2]) for one in lines] == [
        ("write", "endpoints"),
        ("read", "secrets"),
    ]


async def test_a_rotation_shows_both_until_the_overlap_is_over(client: httpx.AsyncClient) -> None:
    made = await client.post(AT, headers=OPERATOR, json={"url": URL})
    endpoint = made.json()["endpoint_id"]
    [old] = await secrets(client, endpoint)
    rotate = f"/internal/v1/webhooks/{endpoint}/rotate"
    await client.post(rotate, headers=OPERATOR, json={"overlap_hours": 1})
    new, kept = await secrets(client, endpoint)
    assert kept == old != new
    await client.post(rotate, headers=OPERATOR, json={"overlap_hours": 0})
    [newest] = await secrets(client, endpoint)
    assert newest not in (old, new)


@pytest.mark.parametrize(
    ("url", "rule"),
    [
        ("https://10.0.0.1/hook", "address.internal"),
        ("https://169.254.169.254/latest", "address.internal"),
        ("https://[::ffff:10.0.0.1]/", "address.internal"),
        ("https://nowhere.invalid/", "address.unresolved"),
        ("https://user:pass@8.8.8.8/", "url.parts"),
        ("gopher://8.8.8.8/", "url.unreadable"),
    ],
)
async def test_an_address_of_ours_is_refused_with_the_reason(
    client: httpx.AsyncClient, url: str, rule: str
) -> None:
    refused = await client.post(AT, headers=OPERATOR, json={"url": url})
    assert (refused.status_code, refused.json()["code"]) == (422, "webhook.refused")
    [error] = refused.json()["errors"]
    assert (error["pointer"], error["rule"]) == ("/url", rule)


async def test_a_removed_endpoint_is_not_there_and_nobody_else_may_look(
    client: httpx.AsyncClient,
) -> None:
    made = await client.post(AT, headers=OPERATOR, json={"url": URL})
    at = f"/internal/v1/webhooks/{made.json()['endpoint_id']}"
    assert (await client.get(f"{at}/secrets", headers=bearer(Role.BANK))).status_code == 403
    assert (await client.delete(at, headers=OPERATOR)).status_code == 204
    assert (await client.get(f"{at}/secrets", headers=OPERATOR)).status_code == 404
    assert (await client.get(AT, headers=OPERATOR)).json() == []


async def test_without_a_key_no_secret_is_made(credit: Credit) -> None:
    async with open_client(on_common_floor(build()), credit.database) as client:
        refused = await client.post(AT, headers=OPERATOR, json={"url": URL})
    assert (refused.status_code, refused.json()["code"]) == (503, "partner.no_key")


async def test_operators_see_what_a_paused_partner_has_yet_to_get(
    client: httpx.AsyncClient, credit: Credit
) -> None:
    made = await client.post(AT, headers=OPERATOR, json={"url": URL})
    endpoint = made.json()["endpoint_id"]
    paused = await client.post(f"/internal/v1/webhooks/{endpoint}/pause", headers=OPERATOR)
    assert (paused.json()["state"], paused.json()["pause"]) == ("paused", "operator")
    async with credit.worker.transaction() as tx:
        await say(tx, a_referral(), a_referral())
    told = (await client.get("/internal/v1/progress", headers=OPERATOR)).json()
    [one] = told["partners"]
    assert (one["partner"], one["road"], one["pause"]) == ("nhcsxh", endpoint, "operator")
    assert (one["pending"], one["unread"], one["failed"]) == (0, 2, 0)
    assert datetime.fromisoformat(one["oldest_at"]) <= datetime.now(UTC)
    async with credit.worker.transaction() as tx:
        [known] = await standing.read_partners(tx, DAY)
    assert known.behind == 2


async def test_the_commands_do_the_whole_life_of_a_partner(
    client: httpx.AsyncClient, credit: Credit, capsys: pytest.CaptureFixture[str]
) -> None:
    async def token() -> str:
        return a_token(Role.OPERATOR)

    operator = Operator(dict.fromkeys(with_partners(), client), token)
    given = as_body(terms(subjects=("other-core",)))
    assert await commands.add(operator, "other", "credit", given) == 0
    assert await commands.change(operator, "other", "credit", {"areas": ["06"]}) == 0
    assert await commands.list_all(operator, "credit") == 0
    said = capsys.readouterr().out
    assert "other" in said
    assert "nhcsxh" in said
    async with receiving() as bank, credit.sending():
        await commands.add_endpoint(operator, "nhcsxh", bank.url, "credit", from_beginning=True)
        endpoint_id, *_, secret = capsys.readouterr().out.split()
        assert secret.startswith("whsec_")
        [one] = await _endpoints(credit)
        assert str(one) == endpoint_id
        async with credit.worker.transaction() as tx:
            await say(tx, a_referral())
        await credit.reaches(one, delivered=1)
        await commands.post(operator, one, "pause")
        await commands.post(operator, one, "resume")
        await commands.rotate(operator, one, 24)
        await commands.replay(operator, one, datetime.now(UTC) - timedelta(hours=1))
        await credit.reaches(one, delivered=1)
        await commands.replay(operator, one, None)
        await commands.list_failed(operator, one)
        await commands.forget_failed(operator, one)
        await commands.show(operator, "nhcsxh", "credit")
        await commands.remove(operator, one)
    assert await commands.end(operator, "other", "credit", None) == 0
    assert "người vận hành" in capsys.readouterr().out
    with pytest.raises(Unanswered):
        await commands.show_secrets(operator, one)


async def _endpoints(credit: Credit) -> list[UUID]:
    rows = await credit.worker.pool.fetch("SELECT endpoint_id FROM webhook_endpoint")
    return [row[0] for row in rows]
