"""`ansinh sandbox`: the platform for a partner's developer, with a few test households.

One commune, eight synthetic households; some have asked for a loan and the commune has confirmed
it, so that the bank has something to receive. One bank and one insurer are registered. The day is
always the same, so that what `docs/partners.md` shows is what everybody sees.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from functools import partial
from typing import Any

from ansinh.demo.client import Client
from ansinh.demo.load import review
from ansinh.demo.partners import BANK, INSURER, is_partner, register
from ansinh.demo.population import PROVINCE, generate
from ansinh.demo.settings import DemoClock, DemoSettings
from ansinh.demo.stage import Effects
from ansinh.demo.story import COMMUNE
from ansinh.embedded.platform import running
from ansinh.process import stop_on_signals
from ansinh.watch import wait_for_effects
from libs.common.ids import derived_id
from libs.common.security.issuer import PASSWORD
from libs.common.security.roles import Role

TODAY = date(2022, 6, 1)
APPLIED, VOTED, CONFIRMED = date(2022, 5, 4), date(2022, 5, 10), date(2022, 5, 12)
HOUSEHOLDS, NEEDS = 8, 5
AMOUNT, MONTHS = 40_000_000, 60
SANDBOX_BANK: dict[str, Any] = {
    **BANK,
    "areas": [PROVINCE],
    "fields": (
        "referral_id loan_id household_id area.commune programme state act changed_on is_flagged "
        "terms need principal due_on balances interest"
    ).split(),
    "per_second": 20,
}
SANDBOX_INSURER: dict[str, Any] = {**INSURER, "areas": [PROVINCE], "per_second": 20}


async def run_sandbox(settings: DemoSettings) -> None:
    """Run the sandbox until SIGTERM or Ctrl+C; the next run goes on with the same data."""
    stop = stop_on_signals()
    small = replace(settings.platform(), pool_size=4)  # one developer's requests
    async with running(small, DemoClock(TODAY), _say) as platform:
        async with Client(platform.url, platform.issuer, (PROVINCE,)) as client:
            await prepare(client, partial(wait_for_effects, platform.workers), settings.seed)
        _say(
            f"Xã / commune {COMMUNE}: {HOUSEHOLDS} hộ thử / test households, {NEEDS} nhu cầu vay / "
            f"loan needs; hôm nay là / today is {TODAY:%d/%m/%Y}.\n"
            f"Ngân hàng / bank: client_id=bank, cơ quan BHXH / insurer: client_id=insurer, "
            f"client_secret={PASSWORD}\n"
            f"Đang chạy tại / running at {platform.url}, docs/partners.md  (Ctrl+C: dừng / stop)"
        )
        await stop.wait()


async def prepare(client: Client, effects: Effects, seed: int) -> None:
    """Fill an empty platform; what is registered last says that all of it is there.

    Args:
        client: a caller of the platform.
        effects: returns when all that was said has taken effect.
        seed: of the synthetic people.
    """
    if await is_partner(client, "eligibility", SANDBOX_INSURER):
        return
    await effects()  # areas first, so that scopes are known everywhere
    await review(
        client, list(generate([COMMUNE], seed, HOUSEHOLDS)), seed, lambda done, total: None
    )
    await effects()
    page = await client.get(Role.OFFICER, "/credit/v1/referrals", area=COMMUNE, limit=NEEDS)
    await _ask_for_loans(client, [one["referral_id"] for one in page["items"]], seed)
    await register(client, "credit", SANDBOX_BANK)
    await register(client, "eligibility", SANDBOX_INSURER)


async def _ask_for_loans(client: Client, referrals: Sequence[str], seed: int) -> None:
    """Forms 01/TD, one list 03/TD, and the commune's confirmation; safe to repeat."""
    needs = {str(derived_id("sandbox-need", seed, one)): one for one in referrals}
    for need_id, referral_id in needs.items():
        asked = {
            "referral_id": referral_id,
            "purpose": "Mua bò sinh sản",
            "amount": AMOUNT,
            "months": MONTHS,
            "source": "central",
            "applied_on": APPLIED.isoformat(),
        }
        await client.put(Role.OFFICER, f"/credit/v1/needs/{need_id}", asked)
    list_id = str(derived_id("sandbox-list", seed))
    voted = {
        "list_id": list_id,
        "commune": COMMUNE,
        "voted_on": VOTED.isoformat(),
        "minutes_number": "01/10C",
        "entries": [{"need_id": one, "votes_for": 9, "votes_against": 1} for one in needs],
    }
    await client.post(Role.OFFICER, "/credit/v1/lists", voted)
    confirmed = {
        "confirmed_on": CONFIRMED.isoformat(),
        "entries": [{"need_id": one, "is_confirmed": True} for one in needs],
    }
    await client.post(Role.CHAIRMAN, f"/credit/v1/lists/{list_id}/confirmation", confirmed)


def _say(line: str) -> None:
    print(line, flush=True)
