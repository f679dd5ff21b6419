"""The end of retention: of who left the last household long ago, what leads to the person goes.

The ids and the pseudonymous facts stay, so that counts of past years stay true.
"""

import logging
from datetime import date, timedelta
from uuid import UUID

from libs.common.clock import Clock
from libs.common.database import Database, Transaction
from libs.common.ids import new_id
from libs.common.policy import add_months
from libs.common.security.audit import AuditLine, write_line
from libs.common.service import Tick
from services.registry.citizens import store
from services.registry.duplicates import key_store
from services.registry.rights.domain import rights_book
from services.registry.vault.acts import destroy

PORTION = 5_000
_FIRST = UUID(int=0)
_MONTHS = 12
_log = logging.getLogger(__name__)


def kept_since(today: date) -> date | None:
    """Who left before this day is kept no longer; None: no rule is in force.

    Source: `rights/law/retention.yaml`, unconfirmed.
    """
    table = rights_book().find("retention", today)
    if table is None:
        return None
    years = int(str(table.rows[0].benefit["kept_years"]))
    return add_months(today, -years * _MONTHS)


async def forget(database: Database, clock: Clock) -> None:
    """Destroy the link to whoever's time is over, in portions; safe to break and to repeat."""
    since, after = kept_since(clock.today()), _FIRST
    while since is not None:
        async with database.transaction() as tx:
            held = await store.held_after(tx, since, after, PORTION)
            await _destroy(tx, [person_id for person_id, is_over in held if is_over])
        if len(held) < PORTION:
            return
        after = held[-1][0]


async def _destroy(tx: Transaction, people: list[UUID]) -> None:
    if not people:
        return
    await store.unmark(tx, people)
    await key_store.forget(tx, people)
    values = await destroy(tx, people)
    line = AuditLine(
        caller="registry.retention",
        roles="",
        kind="write",
        act="end of retention",
        subject_kind="person",
        subjects=tuple(people),
        purpose=None,
        correlation_id=new_id(),
        trace_id=None,
    )
    await write_line(tx, line)
    _log.info("end of retention", extra={"persons": len(people), "values": values})


FORGET = Tick("registry.retention", timedelta(hours=24), forget)
