"""How a partner's own transaction stands, for the road that answers at once and the one that does
not.
"""

from typing import Any
from uuid import UUID

from libs.common.database import Transaction
from libs.common.dci.messages import TxnStatusRequest
from libs.common.dci.words import Action, Status
from services.registry.transactions import store
from services.registry.transactions.domain import ASKED_AFTER, Standing, status_answer
from services.registry.transactions.store import Known


async def look(
    tx: Transaction, partner: str, asked: TxnStatusRequest, correlation_id: UUID
) -> dict[str, Any]:
    """What the answer's message says, besides the ids that every answer has.

    Args:
        partner: who asks: another's transaction is none.
        correlation_id: of the status request.
    """
    about = asked.txnstatus_request
    actions = ASKED_AFTER[about.txn_type]
    value = about.attribute_value
    wants_list = about.attribute_type == "reference_id_list"
    known = None
    if actions and isinstance(value, list) == wants_list:
        known = await store.find(tx, partner, actions, about.attribute_type, value)
    return status_answer(
        about.model_dump(mode="json"),
        asked.transaction_id,
        correlation_id,
        None if known is None else _standing(known),
        tx.recorded_at,
    )


def _standing(known: Known) -> Standing:
    return Standing(
        request_id=known.request_id,
        transaction_id=known.transaction_id,
        action=Action(known.action),
        status=Status(known.state),
        reference_ids=known.reference_ids,
        items=known.outcome.get("items", ()),
        received_at=known.received_at,
    )
