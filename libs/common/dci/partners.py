"""Every statement on what DCI needs of a partner; insert-only, the highest version counts."""

from __future__ import annotations  # asyncpg's classes are generic for the type checker only

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

import asyncpg

from libs.common.database import Transaction
from libs.common.dci.keys import PublicKey, read_public
from libs.common.dci.signatures import Profile
from libs.common.dci.words import RecordType, Scope
from libs.common.partners import registrations
from libs.common.partners.registrations import Registration


@dataclass(frozen=True, slots=True)
class DciTerms:
    """What an operator says of a partner.

    Attributes:
        sender_id: its id in headers and signatures.
        profile: how it signs, and how we sign what goes to it.
        keys: JSON list of its public JWKs.
        scopes: what it may ask for.
        record_types: what it may be answered.
        callback_urls: beginnings of the addresses that `sender_uri` may name.
        notify_url: where notifications go; None: beside `sender_uri`.
    """

    sender_id: str
    profile: Profile
    keys: str
    scopes: tuple[Scope, ...]
    record_types: tuple[RecordType, ...]
    callback_urls: tuple[str, ...]
    notify_url: str | None

    @property
    def public_keys(self) -> Mapping[str, PublicKey]:
        return read_public(self.keys)


@dataclass(frozen=True, slots=True)
class DciPartner:
    """A partner: its registration, and what DCI needs of it."""

    registration: Registration
    version: int
    terms: DciTerms
    recorded_at: datetime
    recorded_by: str

    @property
    def partner(self) -> str:
        return self.registration.partner

    def is_valid_on(self, day: date) -> bool:
        return self.registration.terms.is_valid_on(day)


_COLUMNS = "sender_id, profile, keys, scopes, record_types, callback_urls, notify_url"
_NEWEST = f"""
SELECT partner, version, recorded_at, recorded_by, {_COLUMNS} FROM partner_dci AS one
WHERE version = (SELECT max(version) FROM partner_dci WHERE partner = one.partner)
"""
_BY_SENDER = f"{_NEWEST} AND sender_id = $1"
_BY_PARTNER = f"{_NEWEST} AND partner = $1"
_SENDERS = f"SELECT partner, sender_id FROM ({_NEWEST}) AS newest"
_INSERT = f"""
INSERT INTO partner_dci (partner, version, recorded_at, recorded_by, {_COLUMNS})
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
"""


async def find_by_sender(tx: Transaction, sender_id: str) -> DciPartner | None:
    """Who sends under this id; also one whose registration has ended."""
    return await _with_registration(tx, await tx.fetchrow(_BY_SENDER, sender_id))


async def find(tx: Transaction, partner: str) -> DciPartner | None:
    """By the registration's slug."""
    return await _with_registration(tx, await tx.fetchrow(_BY_PARTNER, partner))


async def senders(tx: Transaction) -> dict[str, str]:
    """Each sender's id with the partner that it is."""
    return {row["sender_id"]: row["partner"] for row in await tx.fetch(_SENDERS)}


async def keep(
    tx: Transaction, registration: Registration, version: int, terms: DciTerms, by: str
) -> DciPartner:
    """A new version; the caller holds `registrations.lock`."""
    await tx.execute(
        _INSERT,
        registration.partner,
        version,
        tx.recorded_at,
        by,
        terms.sender_id,
        terms.profile.value,
        terms.keys,
        [one.value for one in terms.scopes],
        [one.value for one in terms.record_types],
        list(terms.callback_urls),
        terms.notify_url,
    )
    return DciPartner(registration, version, terms, tx.recorded_at, by)


async def _with_registration(tx: Transaction, row: asyncpg.Record | None) -> DciPartner | None:
    known = None if row is None else await registrations.find(tx, row["partner"])
    if row is None or known is None:
        return None
    terms = DciTerms(
        sender_id=row["sender_id"],
        profile=Profile(row["profile"]),
        keys=row["keys"],
        scopes=tuple(map(Scope, row["scopes"])),
        record_types=tuple(map(RecordType, row["record_types"])),
        callback_urls=tuple(row["callback_urls"]),
        notify_url=row["notify_url"],
    )
    return DciPartner(known, row["version"], terms, row["recorded_at"], row["recorded_by"])


def listed(keys: str) -> list[dict[str, str]]:
    """The JWKs as they are shown."""
    found: list[dict[str, str]] = json.loads(keys)
    return found
