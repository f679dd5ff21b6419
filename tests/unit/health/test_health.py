"""The management address and `ansinh health`: what is told about a process."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import httpx
import pytest

from ansinh import health
from libs.common.telemetry import gauge, names, start
from libs.common.web.health import Check, failing, managed
from tests.support.bus import eventually
from tests.support.doors import free_port


async def yes() -> bool:
    return True


async def no() -> bool:
    return False


async def breaks() -> bool:
    raise OSError


async def hangs() -> bool:
    await asyncio.Event().wait()
    return True


async def test_whatever_does_not_say_yes_fails() -> None:
    checks = {"good": yes, "bad": no, "broken": breaks, "hanging": hangs}
    assert await failing(checks, seconds=0.05) == ["bad", "broken", "hanging"]


@asynccontextmanager
async def _address(checks: Mapping[str, Check]) -> AsyncIterator[int]:
    port = free_port()
    async with managed("127.0.0.1", port, checks, None):

        async def listens() -> bool:
            return (await asyncio.to_thread(health.look, "127.0.0.1", port))[1][:9] != "no answer"

        await eventually(listens)
        yield port


async def test_a_process_without_faults_is_ready() -> None:
    async with _address({"running": yes, "database": yes}) as port:
        assert await asyncio.to_thread(health.look, "127.0.0.1", port) == (True, "ready")


async def test_what_says_no_is_named_and_the_process_still_lives() -> None:
    async with (
        _address({"database": yes, "queues": no}) as port,
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as http,
    ):
        assert (await http.get("/health/live")).json() == {"status": "live"}
        answer = await http.get("/health/ready")
        assert answer.status_code == 503
        assert answer.json() == {
            "status": "not ready",
            "checks": ["database", "queues"],
            "failing": ["queues"],
        }
        found = await asyncio.to_thread(health.look, "127.0.0.1", port)
        assert found == (False, "failing: queues")


async def test_metrics_are_read_as_prometheus_text() -> None:
    recording = start("credit", "tick", None, 0.0, is_scraped=True)
    assert recording is not None
    port = free_port()
    try:
        async with (
            managed("127.0.0.1", port, {}, recording),
            httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as http,
        ):
            gauge(names.OUTBOX_OLDEST_AGE, 61, service="credit")
            answer = await http.get("/metrics")
            assert answer.headers["content-type"].startswith("text/plain; version=")
            assert 'outbox_oldest_age_seconds{ansinh_service="credit"} 61.0' in answer.text
            assert "instance" not in answer.text  # no label is an id
    finally:
        recording.shutdown()


async def test_without_a_port_nobody_is_answered() -> None:
    async with managed("127.0.0.1", None, {}, None):
        assert len(asyncio.all_tasks()) == 1


async def test_a_port_that_is_taken_ends_the_process() -> None:
    async with _address({}) as port:
        with pytest.RaisesGroup(OSError):
            async with managed("127.0.0.1", port, {}, None):
                await asyncio.Event().wait()


async def test_a_process_that_is_gone_is_not_well() -> None:
    found = await asyncio.to_thread(health.look, "127.0.0.1", free_port())
    assert found == (False, "no answer: ConnectionRefusedError")


async def test_whoever_else_answers_at_the_port_is_not_the_process() -> None:
    async def other(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        body = json.dumps(["not", "ours"]).encode()
        writer.write(b"HTTP/1.0 503 No\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))
        writer.close()

    async with await asyncio.start_server(other, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        found = await asyncio.to_thread(health.look, "127.0.0.1", port)
    assert found == (False, "no answer: TypeError")


@pytest.mark.parametrize(
    ("host", "port", "said"),
    [
        (None, None, "ANSINH_MANAGEMENT_PORT is not set\n"),
        ("0.0.0.0", "1", "no answer: ConnectionRefusedError\n"),  # noqa: S104
        ("127.0.0.1", "1", "no answer: ConnectionRefusedError\n"),
    ],
)
def test_the_command_answers_by_its_exit_code(
    host: str | None,
    port: str | None,
    said: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name, value in (("HOST", host), ("PORT", port)):
        monkeypatch.delenv(f"ANSINH_MANAGEMENT_{name}", raising=False)
        if value is not None:
            monkeypatch.setenv(f"ANSINH_MANAGEMENT_{name}", value)
    assert health.main() == 1
    assert capsys.readouterr().out == said
