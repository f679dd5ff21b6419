"""Internal API for operators: what other registries sent us, and one part of it for a purpose."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query

from libs.common.dci.words import Action
from libs.common.ids import derived_id
from libs.common.partners.schemas import PARTNER
from libs.common.problems import not_found
from libs.common.security.roles import Role
from libs.common.web import Edge, allow
from libs.common.web.paging import Page, PageQuery, PageRequest, bad_cursor, page_of
from services.registry.intake import store
from services.registry.intake.schemas import ReceivedOut, ReceivedValuesOut
from services.registry.purposes.domain import require

Operator = Annotated[Edge, Depends(allow(Role.OPERATOR))]
router = APIRouter(prefix="/dci/received", tags=["Đối tác / Partners"])


@router.get("", summary="What other registries sent, newest first: envelopes without values")
async def list_received(
    edge: Operator,
    page: PageQuery,
    partner: Annotated[str | None, Query(pattern=PARTNER)] = None,
) -> Page[ReceivedOut]:
    """For thirty days. One notification is one part; any other message is one by itself."""
    rows = await store.list_before(edge.tx, partner, _place(page), page.limit + 1)
    return page_of(rows, page, lambda row: ReceivedOut(**dict(row)), _key)


@router.get("/values", summary="One part with its values, for a registered purpose")
async def show_received(
    edge: Operator,
    partner: Annotated[str, Query(pattern=PARTNER)],
    action: Action,
    key: Annotated[str, Query(min_length=1, max_length=255)],
) -> ReceivedValuesOut:
    """Persons' data of another registry: who looked, and what for, is on the audit trail."""
    require(edge.caller.purpose, edge.caller.roles, edge.clock.today())
    found = await store.read_values(edge.tx, partner, action, key)
    if found is None:
        raise not_found("received")
    edge.note("received", [derived_id("dci.received", f"{partner} {action} {key}")])
    return ReceivedValuesOut(header=found["header"], message=found["message"])


def _place(page: PageRequest) -> store.Place | None:
    if page.after is None:
        return None
    try:
        at, partner, action, key = page.after
        return datetime.fromisoformat(at), partner, action, key
    except ValueError:
        raise bad_cursor() from None


def _key(row: Any) -> tuple[str, ...]:
    return row["received_at"].isoformat(), row["partner"], row["action"], row["key"]
