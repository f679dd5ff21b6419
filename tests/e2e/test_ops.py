"""An operator sees what is behind and mends it, by command and by page; all is on the trail."""

import asyncio
import json
import re
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
from typer.testing import CliRunner

from ansinh.cli import cli
from ansinh.embedded.platform import Platform
from ansinh.watch import wait_for_effects
from libs.common.clock import FixedDayClock
from tests.support.bus import CONSUMER, eventually
from tests.support.partners import a_referral, as_body, say, terms
from tests.support.platforms import a_platform
from tests.support.poison import SECRET, hold_one, poison, state_of
from tests.support.receiver import OK, Reply, receiving

DAY = date(2022, 1, 4)
PURPOSE = "repair.ticket-17"


class Command:
    """`ansinh ops …`, or another group, against one platform, in a thread beside it."""

    def __init__(self, url: str, group: str = "ops") -> None:
        self._environment = {"ANSINH_URL": url, "ANSINH_TOKEN": None}
        self._group = group

    async def __call__(self, *words: object, code: int = 0) -> str:
        """Run it; answers what it printed, and checks the exit code."""
        done = await asyncio.to_thread(
            CliRunner().invoke, cli, [self._group, *map(str, words)], env=self._environment
        )
        assert done.exit_code == code, done.output
        return str(done.output)


class Page:
    """`/ops` as a browser without JavaScript sees it."""

    def __init__(self, browser: httpx.AsyncClient) -> None:
        self._browser = browser

    async def get(self, path: str = "", **query: str) -> str:
        answer = await self._browser.get(f"/ops{path}", params={"lang": "en", **query})
        assert answer.status_code == 200, answer.text
        return answer.text

    async def post(self, act: str, fields: dict[str, str], status: int = 303) -> httpx.Response:
        found = re.search(r'name="form_token" value="([^"]+)"', await self.get())
        assert found is not None
        answer = await self._browser.post(
            f"/ops/{act}?lang=en", data={**fields, "form_token": found.group(1)}
        )
        assert answer.status_code == status, answer.text
        return answer


@pytest.mark.slow
@pytest.mark.timeout(600)
async def test_an_operator_sees_and_mends(tmp_path: Path) -> None:
    async with a_platform(tmp_path, None, FixedDayClock(DAY)) as (platform, _):
        await wait_for_effects(platform.workers)
        command = Command(platform.url)
        assert "All is well" in await command("status")
        parked = await poison(platform, 4)
        event = await hold_one(platform)
        async with httpx.AsyncClient(base_url=platform.url, timeout=30) as browser:
            page = Page(browser)
            await _both_see_it(command, page, parked[0])
            await _values_need_a_purpose(command, page, *parked[:2])
            await _parked_events_are_settled(platform, command, page, parked)
            await _held_rows_go(platform, command, page)
            await _replays_run_and_stop(platform, command, page)
        await _everything_is_on_the_trail(platform, parked, event)
        await _a_partner_is_mended(platform, command, tmp_path / "terms.json")
        await _no_foreign_name_leads_here(platform)


async def _no_foreign_name_leads_here(platform: Platform) -> None:
    """A site whose name is made to resolve here gets no token and no internal answer."""
    local = platform.url.removeprefix("http://")
    port = local.partition(":")[2]
    async with httpx.AsyncClient(base_url=platform.url) as http:
        for path in ("/", "/ops", "/health/live", "/metrics", "/issuer/token", "/issuer/jwks"):
            for name in (f"evil.example:{port}", "evil.example", f"localhost.evil.example:{port}"):
                answer = await http.get(path, headers={"Host": name})
                assert answer.status_code == 421, (path, name)
        inner = "/registry/internal/v1/progress"
        assert (await http.get(inner, headers={"Host": "evil.example"})).status_code == 421
        for name in (local, f"127.0.0.1:{port}", f"[::1]:{port}"):
            assert (await http.get(inner, headers={"Host": name})).status_code == 401
            assert (await http.get("/health/live", headers={"Host": name})).status_code == 200


async def _both_see_it(command: Command, page: Page, parked_id: UUID) -> None:
    told = json.loads(await command("status", "--json", code=1))
    assert {(one["kind"], one["who"], one["count"]) for one in told["findings"]} >= {
        ("parked", CONSUMER, 4),
        ("held", "registry", 1),
    }
    status = await command("status", code=1)
    assert "Parked for UNKNOWN_ENUM" in status
    assert "Gác lại vì UNKNOWN_ENUM" in status
    listed = await command("parked", "--consumer", CONSUMER, "--reason", "UNKNOWN_ENUM")
    assert str(parked_id) in listed
    assert "nothing" in (await command("parked", "--consumer", "reporting.facts")).lower()
    shown = await command("show", parked_id)
    assert "data.kind" in shown
    assert "ansinh trace" in shown
    overview = await page.get()
    assert "2 need a person" in overview
    assert "UNKNOWN_ENUM" in await page.get("/live")
    assert str(parked_id) in await page.get("/parked", consumer=CONSUMER)
    envelope = await page.get(f"/parked/eligibility/{parked_id}")
    assert "data.kind" in envelope
    for text in (status, listed, shown, overview, envelope):
        assert SECRET not in text


async def _values_need_a_purpose(command: Command, page: Page, first: UUID, second: UUID) -> None:
    refused = await command("show", first, "--values", code=2)
    assert "for a purpose only" in refused
    assert "mục đích" in refused
    assert SECRET in await command("show", first, "--values", "--purpose", PURPOSE)
    which = {"service": "eligibility", "parked_id": str(second)}
    kept = (await page.post("values", {**which, "purpose": "Not A Code"}, status=400)).text
    assert 'value="Not A Code"' in kept
    assert SECRET not in kept
    shown = await page.post("values", {**which, "purpose": PURPOSE}, status=200)
    assert SECRET in shown.text
    assert shown.headers["cache-control"] == "no-store"


async def _parked_events_are_settled(
    platform: Platform, command: Command, page: Page, parked: list[UUID]
) -> None:
    first, second, third, fourth = parked
    await _mend(platform, first, second)
    assert "1" in await command("redrive", first)
    await page.post("redrive", {"parked_id": str(second), "service": "eligibility"})
    for parked_id in (first, second):

        async def is_settled(parked_id: UUID = parked_id) -> bool:
            return await state_of(platform, parked_id) == "settled"

        await eventually(is_settled)
    assert "too short" in await command("discard", third, "--reason", "x", code=2)
    await command("discard", third, "--reason", "gửi nhầm")
    which = {"service": "eligibility", "parked_id": str(fourth)}
    kept = await page.post("discard", {**which, "why": "y"}, status=422)
    assert 'value="y"' in kept.text
    await page.post("discard", {**which, "why": "sent by mistake"})
    for parked_id in (third, fourth):
        assert await state_of(platform, parked_id) == "discarded"
    assert "sent by mistake" in await page.get(f"/parked/eligibility/{fourth}")
    assert "No such parked event waits" in await command("redrive", third, code=2)
    # All of a reason at once: what is still broken comes back.
    (fifth,) = await poison(platform)
    await command("redrive", "--reason", "UNKNOWN_ENUM")

    async def is_back() -> bool:
        row = await platform.workers["eligibility"].pool.fetchrow(
            "SELECT state, settled_by FROM parked_message WHERE parked_id = $1", fifth
        )
        return row is not None and tuple(row) == ("parked", "demo-operator")

    await eventually(is_back)
    await page.post("redrive", {"consumer": CONSUMER, "reason": "UNKNOWN_ENUM"})
    await eventually(is_back)
    await command("discard", fifth, "--reason", "still broken")


async def _mend(platform: Platform, *parked: UUID) -> None:
    """As after a release that knows the new word: here, the word is one that is known."""
    await platform.workers["eligibility"].pool.execute(
        "UPDATE parked_message SET body = convert_to(replace(convert_from(body, 'UTF8'), $2,"
        " 'rural_commune'), 'UTF8') WHERE parked_id = ANY($1)",
        list(parked),
        SECRET,
    )


async def _held_rows_go(platform: Platform, command: Command, page: Page) -> None:
    assert "NO_ROUTE" in await command("held")
    assert "NO_ROUTE" in await page.get("/held")
    await command("release")

    async def is_sent() -> bool:
        return not await platform.workers["registry"].pool.fetchval("SELECT count(*) FROM outbox")

    await eventually(is_sent)
    await hold_one(platform)
    row = await platform.workers["registry"].pool.fetchval("SELECT seq FROM outbox")
    await page.post("release", {"service": "registry", "seq": str(row)})
    await eventually(is_sent)


async def _replays_run_and_stop(platform: Platform, command: Command, page: Page) -> None:
    subject = await platform.workers["registry"].pool.fetchval("SELECT subject FROM event_log")
    followed = await command(
        "replay", "credit.areas", "--reason", "khôi phục", "--household", subject, "--follow"
    )
    assert "1/1 registry done" in followed
    slow = await command(
        "replay", "credit.areas", "--reason", "thử dừng", "--per-second", 5, "--from", "2020-01-01"
    )
    replay_id = slow.split()[0]
    assert "stopped" in await command("cancel", replay_id)
    assert "no longer open" in await command("cancel", replay_id, code=1)
    assert "cancelled" in await command("replays")
    fields = {"consumer": "reporting.areas", "why": "from the page", "households": str(UUID(int=7))}
    done = await page.post("replay", fields)
    assert done.headers["location"] == "/ops?done=replay&count=1&lang=en"
    assert "from the page" in await page.get()
    last = await command("replay", "reporting.areas", "--reason", "to stop", "--per-second", 5)
    last_id = last.split()[0]
    assert f'name="replay_id" value="{last_id}"' in await page.get("/live")
    stopped = await page.post("cancel", {"replay_id": last_id})
    assert "count=1" in stopped.headers["location"]


async def _everything_is_on_the_trail(platform: Platform, parked: list[UUID], event: UUID) -> None:
    lines: list[Any] = []
    for database in platform.workers.values():
        lines += await database.pool.fetch(
            "SELECT caller, act, subject_kind, subjects, purpose FROM audit_line"
        )
    assert {row["caller"] for row in lines} == {"demo-operator"}
    by_act: dict[str, set[UUID]] = {}
    for row in lines:
        if row["subject_kind"] in ("parked", "event", "replay"):
            by_act.setdefault(row["act"].removeprefix("POST "), set()).update(row["subjects"])
    first, second, third, fourth = parked
    prefix = "/internal/v1"
    assert by_act[f"{prefix}/parked/redrive"] >= {first, second}
    assert by_act[f"{prefix}/parked/discard"] >= {third, fourth}
    assert by_act[f"{prefix}/outbox/release"] == {event}
    assert len(by_act[f"{prefix}/replays"]) == 4
    assert len(by_act[f"DELETE {prefix}/replays/{{replay_id}}"]) == 2
    looks = [row for row in lines if row["act"] == f"GET {prefix}/parked/{{parked_id}}/values"]
    assert {row["purpose"] for row in looks} == {PURPOSE}
    assert {row["subjects"][0] for row in looks if row["subject_kind"] == "parked"} == {
        first,
        second,
    }
    reasons = await platform.workers["eligibility"].pool.fetch(
        "SELECT settled_reason FROM parked_message WHERE state = 'discarded'"
    )
    assert {row[0] for row in reasons} == {"gửi nhầm", "sent by mistake", "still broken"}


async def _a_partner_is_mended(platform: Platform, status: Command, file: Path) -> None:
    """The steps of docs/operations.md#alert-partner-behind."""
    partners, credit = Command(platform.url, "partners"), platform.workers["credit"]

    async def change() -> str:
        said = a_referral()
        async with credit.transaction() as tx:
            await say(tx, said)
            await tx.execute("DELETE FROM outbox")  # it is about partners alone
            tx.wakes.add("outbox")
        return str(said.referral_id)

    async def becomes(value: str) -> None:
        async def is_so() -> bool:
            return bool(await credit.pool.fetchval(f"SELECT {value}"))

        await eventually(is_so)

    await asyncio.to_thread(file.write_text, json.dumps(as_body(terms())), encoding="utf-8")
    await partners("add", "nhcsxh", "--service", "credit", "--file", file)
    async with receiving(lambda sent: Reply(410)) as bank:
        endpoint = (await partners("endpoint", "nhcsxh", bank.url)).split()[0]

        async def is_told() -> bool:
            return {one.event["subject"] for one in bank.accepted} >= told

        told = {await change()}
        await becomes("pause = 'gone' FROM webhook_endpoint")
        assert f"ansinh partners resume {endpoint}" in await status("status", code=1)
        bank.behaviour = lambda sent: OK
        await partners("resume", endpoint)
        await eventually(is_told)

        assert "paused by an operator" in await partners("pause", endpoint)
        told.add(await change())
        assert "sending" in await partners("resume", endpoint)
        await eventually(is_told)

        refused: list[str] = []
        bank.behaviour = lambda sent: Reply(500) if sent.event["subject"] in refused else OK
        refused.append(await change())
        await becomes("last_status = 500 FROM webhook_delivery WHERE state = 'pending'")
        await credit.pool.execute(
            "UPDATE webhook_delivery SET first_attempt_at = now() - interval '73 hours',"
            " next_attempt_at = '-infinity' WHERE state = 'pending'"
        )
        told.add(await change())
        await becomes("count(*) FROM webhook_delivery WHERE state = 'failed'")
        assert refused[0] in await partners("failed", endpoint)
        assert f"ansinh partners replay {endpoint}" in await status("status", code=1)
        bank.behaviour = lambda sent: OK
        await partners("replay", endpoint)
        told |= set(refused)
        await eventually(is_told)
