"""F01: the API is killed right before or right after its commit: said once, or not at all."""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from libs.common.ids import new_id
from libs.common.security.issuer import DevelopmentIssuer
from libs.common.security.roles import Role
from libs.common.settings import Mode
from tests.integration.registry.builders import a_household, load_communes
from tests.support import oracle
from tests.support.bus import eventually
from tests.support.doors import an_issuer, free_port
from tests.support.road import CONSUMERS, RELAYS, Road
from tests.support.servers import repository

SAID = "SELECT count(*) FROM event_log"


@dataclass
class Api:
    """The registry's API as a process, and a client of it."""

    road: Road
    issuer: DevelopmentIssuer
    port: int

    def _start(self, faults: str) -> subprocess.Popen[bytes]:
        environment = {
            "PATH": os.environ["PATH"],
            "ANSINH_MODE": "test",
            "ANSINH_API_DSN": self.road.databases["registry"].api_dsn,
            "ANSINH_ISSUER_URL": self.issuer.url,
            "ANSINH_PORT": str(self.port),
            "ANSINH_LOG_LEVEL": "ERROR",
            "ANSINH_FAULTS": faults,
        }
        command = [sys.executable, "-m", "ansinh", "run", "registry", "api"]
        return subprocess.Popen(command, cwd=repository(), env=environment)

    @asynccontextmanager
    async def running(self, faults: str = "") -> AsyncIterator[httpx.AsyncClient]:
        process = self._start(faults)
        headers = {"Authorization": f"Bearer {self.issuer.token(Role.OFFICER)}"}
        try:
            async with httpx.AsyncClient(
                base_url=f"http://127.0.0.1:{self.port}", headers=headers, timeout=30
            ) as client:

                async def answers() -> bool:
                    try:
                        return (await client.get("/health/live")).is_success
                    except httpx.TransportError:
                        return False

                await eventually(answers, 60)
                yield client
        finally:
            process.kill()
            await asyncio.to_thread(process.wait)


@pytest.mark.parametrize("point", ["before_request_commit", "after_request_commit"])
async def test_an_act_without_an_answer_is_done_once_when_sent_again(
    point: str, road: Road, tmp_path: Path
) -> None:
    await load_communes(road.databases["registry"])
    body = {"households": [a_household()]}
    key = {"Idempotency-Key": str(new_id())}
    ledger = road.workers["registry"].pool
    async with an_issuer(tmp_path) as url:
        api = Api(road, DevelopmentIssuer(url, "ansinh", tmp_path, Mode.TEST), free_port())
        async with api.running(f"{point}=kill") as client:
            with pytest.raises(httpx.TransportError):
                await client.post("/v1/households/batches", json=body, headers=key)
        assert await ledger.fetchval(SAID) == (point == "after_request_commit")

        async with road.running(*RELAYS, *CONSUMERS):
            await oracle.holds(road)
            async with api.running() as client:
                answer = await client.post("/v1/households/batches", json=body, headers=key)
                assert answer.is_success, answer.text
            await oracle.holds(road)
    assert await ledger.fetchval(SAID) == 1
