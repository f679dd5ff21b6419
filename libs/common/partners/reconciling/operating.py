"""Internal API for operators: how reconciliations go, of every partner; never a line of a list."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query

from libs.common.partners.reconciling import store
from libs.common.partners.reconciling.schemas import ReconciliationSeen
from libs.common.partners.schemas import PARTNER
from libs.common.problems import not_found
from libs.common.security.roles import Role
from libs.common.web import Edge, allow

Operator = Annotated[Edge, Depends(allow(Role.OPERATOR))]
_SHOWN = 100

router = APIRouter(prefix="/reconciliations", tags=["Đối tác / Partners"])


@router.get("", summary="The newest reconciliations, of one partner or of all")
async def list_reconciliations(
    edge: Operator, partner: Annotated[str | None, Query(pattern=PARTNER)] = None
) -> list[ReconciliationSeen]:
    found = await store.list_before(edge.tx, partner, None, _SHOWN)
    sent = await store.count_sent(edge.tx, [one.reconciliation_id for one in found])
    return [ReconciliationSeen.of(one, sent[one.reconciliation_id]) for one in found]


@router.get("/{reconciliation_id}", summary="One reconciliation")
async def show_reconciliation(reconciliation_id: UUID, edge: Operator) -> ReconciliationSeen:
    one = await store.find(edge.tx, reconciliation_id)
    if one is None:
        raise not_found("reconciliation")
    sent = await store.count_sent(edge.tx, [reconciliation_id])
    return ReconciliationSeen.of(one, sent[reconciliation_id])
