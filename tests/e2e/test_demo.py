"""The demo at a two-hundredth, with another seed; one more decision moves exactly one household."""

from collections.abc import Callable
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest

from ansinh.audit import embedded_dsns, verify_trails
from ansinh.demo.client import Client
from ansinh.demo.load import communes_of_province, decision_request, review
from ansinh.demo.partners import register
from ansinh.demo.population import PROVINCE, STANDARD, classes_of, generate
from ansinh.demo.sandbox import SANDBOX_BANK, SANDBOX_INSURER
from ansinh.demo.settings import DemoClock
from ansinh.demo.story import tell_story
from ansinh.embedded.last_run import last_home
from ansinh.ops.client import Operator
from ansinh.trace import draw, read_trace
from ansinh.watch import wait_for_effects
from libs.common.ids import new_id
from libs.common.security.roles import Role
from libs.common.vocabulary import StatusClass
from tests.support.broker import broker_url
from tests.support.platforms import a_platform
from tests.support.servers import admin_dsn

SEED, HOUSEHOLDS = 77, 150
DAY = date(2022, 1, 4)
MOVES_ON = date(2022, 1, 4)

TRANSPORTS = [
    pytest.param(None, id="local"),
    pytest.param(broker_url, id="rabbitmq", marks=pytest.mark.rabbitmq),
]


@pytest.mark.slow
@pytest.mark.timeout(600)
async def test_one_more_decision_moves_exactly_that_household(tmp_path: Path) -> None:
    """As `make demo` runs, without a broker; the story below goes over both transports."""
    clock = DemoClock(DAY)
    async with a_platform(tmp_path, None, clock) as (platform, client):
        households = list(generate(list(await communes_of_province(client)), SEED, HOUSEHOLDS))
        await wait_for_effects(platform.workers)
        await review(client, households, SEED, lambda done, total: None)
        await wait_for_effects(platform.workers)

        poor, near_poor = classes_of(HOUSEHOLDS)
        before = await _standing(client)
        assert (before["poor"]["households"], before["near_poor"]["households"]) == (
            poor,
            near_poor,
        )
        assert sum(before["referrals"].values()) == HOUSEHOLDS
        await register(client, "eligibility", SANDBOX_INSURER)
        on_roll = await _roll(client)

        moved = next(one for one in households if one.status is StatusClass.POOR)
        await client.post(
            Role.CHAIRMAN,
            "/registry/v1/decisions",
            decision_request(
                new_id(),
                moved.commune,
                number="999/QĐ-UBND",
                signed_on=MOVES_ON,
                effective_on=MOVES_ON,
                rows=[{"household_id": str(moved.household_id), "status": "near_poor"}],
            ),
        )
        await wait_for_effects(platform.workers)

        after = await _standing(client)
        assert after["poor"]["households"] == poor - 1
        assert after["near_poor"]["households"] == near_poor + 1
        assert after["referrals"] == {
            ("01", "open"): before["referrals"]["01", "open"] - 1,
            ("19", "open"): before["referrals"]["19", "open"] + 1,
        }
        changed = {
            person for person, group in (await _roll(client)).items() if on_roll[person] != group
        }
        assert changed
        assert changed <= {str(member.person_id) for member in moved.members}


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("broker", TRANSPORTS)
async def test_story_of_one_household_can_be_traced(
    tmp_path: Path, broker: Callable[[], str] | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = DemoClock(DAY)
    told: list[str] = []
    async with a_platform(tmp_path / "run", broker() if broker else None, clock) as (
        platform,
        client,
    ):
        effects = partial(wait_for_effects, platform.workers)
        household = await tell_story(client, effects, clock, told.append)
        story = "\n".join(told)
        for step in ("programme 01", "programme 09", "programme 19"):
            assert step in story
        escaped = story.index("escapes poverty")
        assert "Health-insurance roll: nothing" in story[escaped : story.index("is corrected")]
        await register(client, "credit", SANDBOX_BANK)
        await _pay_out(client, platform.issuer.token(Role.BANK, (PROVINCE,)), household)
        await client.get(Role.BANK, "/credit/v1/changes", limit=1_000)
        await effects()
        timeline = await _timeline(client, household)
        assert [entry["summary"]["en"] for entry in timeline["items"][-2:]] == [
            "Paid out by the bank (Loans to near-poor households, programme 19)",
            "Loan paid out (Loans to near-poor households, programme 19), 50,000,000 VND owed",
        ]
        async with Operator.at(platform.url) as operator:
            trace = await read_trace(operator, household)
        assert {entry["event_id"] for entry in trace.said} == {
            entry["event_id"] for entry in timeline["items"]
        }
        lines = list(draw(trace))
        assert any("  ✓ reporting.timeline" in line for line in lines)
        paid = next(at for at, line in enumerate(lines) if "◀ nhcsxh: PUT" in line)
        assert "credit: referral.changed.v1" in lines[paid - 1]
        assert any("  ▶ nhcsxh feed  +" in line for line in lines[:paid])
        assert sum("registry: household." in line for line in lines) == 4

        monkeypatch.setenv("ANSINH_POSTGRES_URL", admin_dsn())
        home = last_home(tmp_path)
        assert home == tmp_path / "run"
        async with embedded_dsns(home) as dsns:
            assert await verify_trails(dsns) == 0

        await _check_pages(platform.url, household)
        again: list[str] = []
        await tell_story(client, effects, clock, again.append)
        assert len((await _timeline(client, household))["items"]) == len(timeline["items"])


async def _pay_out(client: Client, token: str, household: object) -> None:
    """The bank pays out the household's referral: an act of its own."""
    page = await client.get(Role.BANK, "/credit/v1/referrals", state="open", limit=200)
    (referral,) = (one for one in page["items"] if one["household_id"] == str(household))
    async with client.authorised(token) as bank:
        answer = await bank.put(
            f"/credit/v1/referrals/{referral['referral_id']}/disbursement",
            json={"paid_on": "2022-07-08", "amount": 50_000_000, "contract_number": "HD-1"},
            headers={"If-Match": f'"{referral["version"]}"'},
        )
    assert answer.status_code == 200, answer.text


async def _check_pages(url: str, household: object) -> None:
    """The front page lists the four APIs; the timeline reads in both languages."""
    async with httpx.AsyncClient(base_url=url) as browser:
        home = await browser.get("/")
        for route in ("POST /registry/v1/decisions", "GET /credit/v1/referrals"):
            assert route in home.text
        vietnamese = await browser.get("/timeline", params={"household": str(household)})
        assert "Thay đổi phân loại hộ, hộ nghèo" in vietnamese.text
        assert "◀ nhcsxh: PUT /v1/referrals/{referral_id}/disbursement" in vietnamese.text
        assert "▶ nhcsxh (feed): đã đọc" in vietnamese.text
        english = await browser.get("/timeline", params={"household": str(household), "lang": "en"})
        assert "Class changed, poor" in english.text
        assert (await browser.get("/timeline", params={"household": "1"})).status_code == 400


async def _timeline(client: Client, household: object) -> Any:
    return await client.get(
        Role.PROVINCE, f"/reporting/v1/households/{household}/timeline", limit=200
    )


async def _standing(client: Client) -> dict[str, Any]:
    """The province's report and referrals on the day of the move."""
    area = f"/reporting/v1/areas/{PROVINCE}"
    on = MOVES_ON.isoformat()
    report = await client.get(Role.PROVINCE, f"{area}/indicators", on=on, standard=STANDARD)
    effects = await client.get(Role.PROVINCE, f"{area}/effects", on=on)
    report["referrals"] = {
        (row["programme"], row["state"]): row["referrals"] for row in effects["referrals"]
    }
    return dict(report)


async def _roll(client: Client) -> dict[str, str]:
    """Person and group on the day of the move."""
    entries = client.items(Role.INSURER, "/eligibility/v1/insurance/roll", on=MOVES_ON.isoformat())
    return {entry["person_id"]: entry["group"] async for entry in entries}
