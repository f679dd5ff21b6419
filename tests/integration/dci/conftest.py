"""A registry with two communes and a partner that is registered for one of them."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from unicodedata import normalize
from uuid import UUID

import httpx
import pytest_asyncio

from libs.common.clock import FixedDayClock
from libs.common.dci import partners as dci_partners
from libs.common.dci.partners import DciTerms
from libs.common.dci.signatures import Profile
from libs.common.dci.words import RecordType, Scope
from libs.common.floor import on_common_floor
from libs.common.partners.webhooks.addresses import LOOPBACK, Networks
from libs.common.partners.webhooks.settings import PartnerSettings
from libs.common.security.roles import Role
from libs.common.vocabulary import StatusClass
from services.registry.app import build
from services.registry.households import acts as households
from services.registry.vault import acts as vault
from services.registry.vault.acts import PersonIdentity
from services.registry.vault.domain import IdentifierType
from tests.integration.registry.builders import (
    a_household,
    a_member,
    decide,
    load_communes,
    stated,
)
from tests.support.dci import DCI, THEIR_ID, THEIRS, public_keys, signed
from tests.support.edge import bearer, open_client
from tests.support.partners import KEYS, register
from tests.support.servers import ServiceDatabase, clone_database, drop_database
from tests.support.vault import VAULT

NAME = normalize("NFD", "Đinh Văn Tỷ")  # as some keyboards write it
NAMED = {"surname": "Đinh", "second_name": "Văn", "given_name": "Tỷ"}
HERE, THERE, DAY = "01882", "01864", date(2022, 6, 1)
ROOT = "/dci/v1.0.0/registry"
SUBJECT = "bank-core"
TOKEN = bearer(Role.PARTNER, subject=SUBJECT)
SETTINGS = PartnerSettings(KEYS, Networks(LOOPBACK), dci=DCI, vault=VAULT)
EVERYTHING = ("group", "member", "person")


@dataclass
class Registry:
    """The service over HTTP, and what it holds.

    Attributes:
        near, far: a household in the partner's commune, and one outside of it.
        bearer: the head of the near one, found by UIN TEST-001; stranger: of the far one, TEST-002.
    """

    database: ServiceDatabase
    client: httpx.AsyncClient
    near: UUID
    far: UUID
    bearer: UUID
    stranger: UUID

    async def post(
        self, envelope: Any, path: str = "sync/search", *, sign: bool = True, **options: Any
    ) -> httpx.Response:
        """Send an envelope, signed as the partner signs."""
        body = signed(envelope, **options) if sign else envelope
        return await self.client.post(f"{ROOT}/{path}", json=body, headers=TOKEN)

    async def audit(self, correlation_id: str) -> list[Mapping[str, Any]]:
        """The lines of one act."""
        async with self.database.as_worker() as worker, worker.transaction() as tx:
            return [
                dict(row)
                for row in await tx.fetch(
                    "SELECT kind, act, subject_kind, subjects, purpose, caller FROM audit_line "
                    "WHERE correlation_id = $1 ORDER BY line_id",
                    UUID(correlation_id),
                )
            ]


async def register_dci(
    database: ServiceDatabase,
    partner: str = "nhcsxh",
    *,
    sender_id: str = THEIR_ID,
    profile: Profile = Profile.HTTP_UTF8,
    scopes: tuple[Scope, ...] = tuple(Scope),
    record_types: tuple[RecordType, ...] = tuple(RecordType),
    callback_urls: tuple[str, ...] = (),
    **terms: Any,
) -> None:
    """A partner under new terms."""
    given = {
        "subjects": (SUBJECT,),
        "event_types": ("household.*.v1",),
        "programmes": ("*",),
        "fields": EVERYTHING,
        "areas": (HERE,),
    }
    async with database.as_api() as api, api.transaction() as tx:
        registration = await register(tx, partner, **(given | terms))
        known = await dci_partners.find(tx, partner)
        version = 1 if known is None else known.version + 1
        keys = public_keys(THEIRS)
        own = DciTerms(sender_id, profile, keys, scopes, record_types, callback_urls, None)
        await dci_partners.keep(tx, registration, version, own, "test")


async def seed_identifier(
    database: ServiceDatabase, household_id: UUID, person_id: UUID, value: str
) -> None:
    """As an officer's act would leave it; a test's number is of no real form."""
    numbers = {IdentifierType.UIN: value}
    one = PersonIdentity(person_id, household_id, date(2021, 12, 1), NAME, numbers)
    async with database.as_api() as api, api.transaction("*") as tx:
        await vault.record(tx, VAULT, [one])


async def a_home(
    database: ServiceDatabase, commune: str, number: str, status: StatusClass | None
) -> tuple[UUID, UUID]:
    """A household of a woman of 1980 and her child of 2015, with a class, found by a number."""
    head = a_member()
    child = a_member(relation="child", birth_date="2015-03-02", joined_on="2015-03-02", sex="male")
    body = a_household(head, child, commune=commune)
    async with database.as_api() as api, api.transaction(commune) as tx:
        [written] = await households.register(tx, [stated(body)], DAY)
    if status is not None:
        await decide(database, [(written.household_id, status)], scope=commune, commune=commune)
    person = UUID(head["person_id"])
    await seed_identifier(database, written.household_id, person, number)
    return written.household_id, person


@dataclass(frozen=True)
class Seeded:
    """A database for all tests of a file: they only read, or change what is theirs."""

    database: ServiceDatabase
    near: tuple[UUID, UUID]
    far: tuple[UUID, UUID]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def seeded() -> AsyncIterator[Seeded]:
    database = await clone_database("registry")
    await load_communes(database)
    near = await a_home(database, HERE, "TEST-001", StatusClass.POOR)
    far = await a_home(database, THERE, "TEST-002", StatusClass.POOR)
    yield Seeded(database, near, far)
    await drop_database(database)


@pytest_asyncio.fixture
async def registry(seeded: Seeded) -> AsyncIterator[Registry]:
    """The service with the partner under its usual terms."""
    database, clock = seeded.database, FixedDayClock(DAY)
    await register_dci(database)
    async with open_client(
        on_common_floor(build()), database, clock=clock, partners=SETTINGS
    ) as client:
        yield Registry(
            database, client, seeded.near[0], seeded.far[0], seeded.near[1], seeded.far[1]
        )
