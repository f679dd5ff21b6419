"""F01: the API is killed right before or right after its commit: said once, or not at all."""

from pathlib import Path

import httpx
import pytest

from libs.common.ids import new_id
from libs.common.security.roles import Role
from tests.integration.registry.builders import a_household, load_communes
from tests.support import oracle
from tests.support.api import Api
from tests.support.doors import an_issuer
from tests.support.road import CONSUMERS, RELAYS, Road

BATCHES = "/v1/households/batches"
SAID = "SELECT count(*) FROM event_log"


@pytest.mark.parametrize("point", ["before_request_commit", "after_request_commit"])
async def test_an_act_without_an_answer_is_done_once_when_sent_again(
    point: str, road: Road, tmp_path: Path
) -> None:
    await load_communes(road.databases["registry"])
    body = {"households": [a_household()]}
    ledger = road.workers["registry"].pool
    async with an_issuer(tmp_path) as url:
        api = Api(road.databases["registry"].api_dsn, url, tmp_path)
        officer = api.bearer(Role.OFFICER) | {"Idempotency-Key": str(new_id())}
        async with api.running(f"{point}=kill") as client:
            with pytest.raises(httpx.TransportError):
                await client.post(BATCHES, json=body, headers=officer)
        assert await ledger.fetchval(SAID) == (point == "after_request_commit")

        async with road.running(*RELAYS, *CONSUMERS):
            await oracle.holds(road)
            async with api.running() as client:
                answer = await client.post(BATCHES, json=body, headers=officer)
                assert answer.is_success, answer.text
            await oracle.holds(road)
    assert await ledger.fetchval(SAID) == 1
