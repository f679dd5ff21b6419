"""Every statement on registrations: insert-only, the highest version of a partner counts."""

from __future__ import annotations  # asyncpg's classes are generic for the type checker only

from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any

import asyncpg

from libs.common.database import Transaction
from libs.common.problems import FieldError, Problem, Text


@dataclass(frozen=True, slots=True)
class Terms:
    """What an operator says of a partner.

    Attributes:
        name: of the organisation.
        subjects: of its tokens; each leads to one registration.
        event_types, programmes, areas, fields: see `domain.Scope`; areas are codes of 2, 3 or 5
            digits, or `*`.
        legal_basis, legal_document: on which ground it may see them; `is_confirmed` is false where
            that ground is still to be confirmed.
        valid_from, valid_until: days; the end is exclusive, None is open.
        per_second: requests.
        certificates: thumbprints of the client certificates that it may come with, several while
            one replaces another; none: any or no certificate. Asked for behind a gateway that ends
            mutual TLS (`ANSINH_CERTIFICATE_HEADER`).
    """

    name: str
    subjects: tuple[str, ...]
    event_types: tuple[str, ...]
    programmes: tuple[str, ...]
    areas: tuple[str, ...]
    fields: tuple[str, ...]
    legal_basis: str
    legal_document: str
    valid_from: date
    valid_until: date | None
    per_second: int
    is_confirmed: bool
    certificates: tuple[str, ...] = ()

    def check_certificate(self, thumbprint: str | None) -> None:
        """Refuse a request that came with another certificate.

        Raises:
            Problem: 403.
        """
        if self.certificates and thumbprint not in self.certificates:
            raise _other_certificate()

    def is_valid_on(self, day: date) -> bool:
        return self.valid_from <= day and (self.valid_until is None or day < self.valid_until)


@dataclass(frozen=True, slots=True)
class Registration:
    """A partner under its newest terms."""

    partner: str
    version: int
    terms: Terms
    recorded_at: datetime
    recorded_by: str


_TERMS = tuple(field.name for field in fields(Terms))
_COLUMNS = ", ".join(_TERMS)
_CURRENT = f"""
SELECT DISTINCT ON (partner) partner, version, recorded_at, recorded_by, {_COLUMNS}
FROM partner_registration {{where}} ORDER BY partner, version DESC
"""
_LIST = _CURRENT.format(where="")
_ONE = _CURRENT.format(where="WHERE partner = $1")
# Two subjects must not meet between looking and writing; registrations are few and rarely change.
_LOCK = "SELECT pg_advisory_xact_lock(hashtext('ansinh.partners'))"
_INSERT = f"""
INSERT INTO partner_registration (partner, version, recorded_at, recorded_by, {_COLUMNS})
VALUES ($1, $2, $3, $4, {", ".join(f"${place}" for place in range(5, 5 + len(_TERMS)))})
"""


async def list_all(tx: Transaction) -> list[Registration]:
    """Every partner, also those whose registration has ended, by slug."""
    return [_of(row) for row in await tx.fetch(_LIST)]


async def find(tx: Transaction, partner: str) -> Registration | None:
    row = await tx.fetchrow(_ONE, partner)
    return None if row is None else _of(row)


async def find_by_subject(tx: Transaction, subject: str, day: date) -> Registration | None:
    """Whose tokens these are, where that registration is valid on the day."""
    for one in await list_all(tx):
        if subject in one.terms.subjects and one.terms.is_valid_on(day):
            return one
    return None


async def lock(tx: Transaction) -> None:
    """Be the only one who changes registrations, until the transaction ends."""
    await tx.execute(_LOCK)


async def keep(tx: Transaction, partner: str, version: int, terms: Terms, by: str) -> Registration:
    """A new version; the caller holds `lock`."""
    values = [_value(getattr(terms, name)) for name in _TERMS]
    await tx.execute(_INSERT, partner, version, tx.recorded_at, by, *values)
    return Registration(partner, version, terms, tx.recorded_at, by)


def _value(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value


def _of(row: asyncpg.Record) -> Registration:
    terms = Terms(**{name: _tuple(row[name]) for name in _TERMS})
    return Registration(
        row["partner"], row["version"], terms, row["recorded_at"], row["recorded_by"]
    )


def _tuple(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _other_certificate() -> Problem:
    title = Text(
        "Chứng thư của bên gọi không có trong đăng ký.",
        "The caller's certificate is not the partner's.",
    )
    fix = Text(
        "Gọi qua cổng TLS hai chiều, với chứng thư đã đăng ký.",
        "Call by mutual TLS, with a certificate that is registered.",
    )
    return Problem(
        403, "partner.certificate", title, [FieldError("", "partner.certificate", title, fix)]
    )
