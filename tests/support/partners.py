"""Partners and what credit says to them: referrals as events, registrations, the feed's pages."""

from collections.abc import AsyncIterator, Iterable
from datetime import date, datetime
from typing import Any
from uuid import UUID

import httpx

from libs.common.contracts.household import HouseholdArea
from libs.common.contracts.referral import CHANGED, LoanTerms, ReferralData
from libs.common.database import Transaction
from libs.common.ids import new_id
from libs.common.messaging import ledger
from libs.common.partners import registrations
from libs.common.partners.checking import shareable
from libs.common.partners.registrations import Registration, Terms
from libs.common.partners.webhooks.addresses import LOOPBACK, Networks
from libs.common.partners.webhooks.keys import PartnerKeys
from libs.common.partners.webhooks.settings import PartnerSettings
from libs.common.security.roles import Role
from libs.common.vocabulary import AreaKind, ReferralState
from tests.support.dci import DCI
from tests.support.edge import bearer
from tests.support.servers import ServiceDatabase
from tests.support.vault import VAULT

DAY = date(2022, 6, 1)
KEYS = PartnerKeys(["k" * 40])
PARTNER_SETTINGS = PartnerSettings(KEYS, Networks(LOOPBACK), dci=DCI, vault=VAULT)
HERE, THERE = "01882", "01864"
BANK = bearer(Role.BANK, subject="bank-core")
OPERATOR = bearer(Role.OPERATOR)
FIELDS = ("referral_id", "household_id", "area.commune", "programme", "state", "terms.max_amount")


def a_referral(
    household: UUID | None = None,
    *,
    referral: UUID | None = None,
    commune: str = HERE,
    programme: str = "01",
    act: str = "opened",
) -> ReferralData:
    return ReferralData(
        referral_id=referral or new_id(),
        household_id=household or new_id(),
        area=HouseholdArea(
            commune=commune,
            district="060",
            province="06",
            kind=AreaKind.RURAL_COMMUNE,
            from_day=date(2015, 1, 1),
        ),
        programme=programme,
        state=ReferralState.OPEN,
        is_flagged=False,
        opened_on=DAY,
        changed_on=DAY,
        until=None,
        terms=LoanTerms(
            on=DAY,
            max_amount=100_000_000,
            max_months=120,
            yearly_rate_percent="6.6",
            overdue_rate_percent="8.58",
            document="NĐ 78/2002/NĐ-CP",
            is_confirmed=False,
        ),
        act=act,
    )


async def say(tx: Transaction, *said: ReferralData) -> None:
    """Each as the next version of its referral."""
    heads = await ledger.lock_heads(tx, "referral", [one.referral_id for one in said])
    events = [
        ledger.NewEvent(one.referral_id, CHANGED, tx.recorded_at, one, new_id()) for one in said
    ]
    await ledger.append(tx, "credit", "referral", heads, events)


def terms(**changed: Any) -> Terms:
    """The bank's, for everything of credit in every area."""
    given: dict[str, Any] = {
        "name": "Ngân hàng Chính sách xã hội",
        "subjects": ("bank-core",),
        "event_types": ("referral.*.v1",),
        "programmes": ("credit.*",),
        "areas": ("*",),
        "fields": FIELDS,
        "legal_basis": "Ủy thác cho vay hộ nghèo",
        "legal_document": "NĐ 78/2002/NĐ-CP",
        "valid_from": date(2022, 1, 1),
        "valid_until": None,
        "per_second": 1_000,
        "is_confirmed": False,
    }
    return Terms(**{**given, **changed})


def every_field(service: str) -> tuple[str, ...]:
    """Of every event that the service shares, the data whole."""
    return tuple(sorted({name for kind in shareable(service) for name in kind.data.model_fields}))


SHARED: dict[str, dict[str, Any]] = {
    "registry": {
        "subjects": ("tester",),
        "event_types": ("household.*.v1",),
        "programmes": ("*",),
        "fields": ("group",),
    },
    "credit": {
        "subjects": ("tester",),
        "event_types": ("referral.*.v1", "loan.*.v1"),
        "fields": every_field("credit"),
    },
    "eligibility": {
        "subjects": ("tester",),
        "event_types": ("insurance.*.v1",),
        "programmes": ("insurance.*",),
        "fields": ("household_id", "area.commune", "periods"),
    },
}


async def register_tester(database: ServiceDatabase, service: str) -> None:
    """Whoever asks as a partner in a test is one, with everything that the service shares."""
    async with database.as_api() as connections, connections.transaction() as tx:
        await register(tx, "tester", **SHARED[service])


async def register(tx: Transaction, partner: str = "nhcsxh", **changed: Any) -> Registration:
    """The newest version of a partner's registration; as the API's role."""
    known = await registrations.find(tx, partner)
    version = 1 if known is None else known.version + 1
    return await registrations.keep(tx, partner, version, terms(**changed), "test")


def as_body(given: Terms, **more: Any) -> dict[str, Any]:
    """What a request to register says."""
    values = {name: getattr(given, name) for name in Terms.__dataclass_fields__}
    plain = {
        name: list(value)
        if isinstance(value, tuple)
        else value.isoformat()
        if isinstance(value, date | datetime)
        else value
        for name, value in values.items()
    }
    return {**plain, **more}


async def pages(
    client: httpx.AsyncClient, after: str | None = None, **query: Any
) -> AsyncIterator[dict[str, Any]]:
    """Every page until the feed's end."""
    while True:
        asked = {**query, **({"after": after} if after else {})}
        answer = await client.get("/v1/changes", params=asked, headers=BANK)
        assert answer.status_code == 200, answer.text
        page = answer.json()
        yield page
        after = page["next"]
        if not page["has_more"]:
            return


async def read_all(client: httpx.AsyncClient, after: str | None = None, **query: Any) -> list[Any]:
    """Every item that the feed holds after a cursor."""
    return [item async for page in pages(client, after, **query) for item in page["items"]]


def of_household(items: Iterable[dict[str, Any]], household: UUID) -> list[dict[str, Any]]:
    return [one for one in items if one.get("data", {}).get("household_id") == str(household)]
