"""Callbacks: an answer's message, made anew for each attempt and signed as its partner expects.

Nothing of a household is kept for a callback. What was searched for is searched again when the
answer leaves, through the registration and within the areas of that moment.
"""

from __future__ import annotations  # asyncpg's classes are generic for the type checker only

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import asyncpg

from libs.common.clock import Clock
from libs.common.database import Transaction
from libs.common.dci import canonical, partners
from libs.common.dci.partners import DciPartner
from libs.common.dci.posting import judge_ack, write_envelope
from libs.common.dci.settings import DciSettings
from libs.common.dci.words import Action, Status
from libs.common.dci.words import Scope as Granted
from libs.common.partners.domain import Scope
from libs.common.partners.reading import Shown
from libs.common.partners.webhooks.cargo import Outgoing
from libs.common.partners.webhooks.posting import Answer
from libs.common.partners.webhooks.store import Endpoint
from libs.common.security.encryption import Vault
from services.registry.transactions import store
from services.registry.transactions.domain import ANSWERS, message
from services.registry.transactions.search import Searcher


class CallbackCargo:
    """A partner's answers at one scheme, host and port."""

    is_of_ledger = False
    most = 4  # an answer may hold ten thousand records

    def __init__(self, settings: DciSettings, vault: Vault, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._searcher = Searcher(settings, vault)

    async def look(
        self, tx: Transaction, scope: Scope, rows: Sequence[asyncpg.Record]
    ) -> list[Shown]:
        return []

    async def read(
        self, tx: Transaction, endpoint: Endpoint, scope: Scope, seqs: Sequence[int]
    ) -> Mapping[int, Outgoing]:
        partner = await partners.find(tx, endpoint.partner)
        if partner is None:
            return {}
        found = {}
        for row in await store.read_replies(tx, endpoint.endpoint_id, seqs):
            outgoing = await self._outgoing(tx, partner, row)
            if outgoing is not None:
                found[outgoing.seq] = outgoing
        return found

    async def _outgoing(
        self, tx: Transaction, partner: DciPartner, row: asyncpg.Record
    ) -> Outgoing | None:
        action, outcome = Action(row["action"]), row["outcome"]
        items: list[dict[str, Any]] = outcome["items"]
        seen: dict[str, Any] = {"household_ids": ()}
        if action is Action.SEARCH and row["state"] == Status.SUCCEEDED:
            if Granted.SEARCH not in partner.terms.scopes or not row["asked"]:  # forgotten
                return None
            answer = await self._searcher.search(
                tx, partner, row["asked"], row["areas"], row["request_id"], self._clock.today()
            )
            body = answer.message
            seen = {
                "household_ids": answer.households,
                "person_ids": answer.persons,
                "purpose": answer.purpose,
            }
        else:
            body = canonical.utf8(
                message(action, row["transaction_id"], row["request_id"], items, outcome["more"])
            )
        write = partial(
            write_envelope,
            self._settings,
            partner,
            ANSWERS[action],
            body,
            status=Status(row["state"]),
            count=1 if action is Action.TXN_STATUS else len(items),
            path=row["path"],
        )
        return Outgoing(row["seq"], row["request_id"], write=write, **seen)

    def judge(self, status: int, headers: Mapping[str, str], body: bytes) -> Answer:
        return judge_ack(status, headers, body)
