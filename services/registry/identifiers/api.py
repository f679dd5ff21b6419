"""Identifiers over HTTP: a commune officer records by which number a member is found."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request

from libs.common.dci.door import settings_of
from libs.common.problems import Problem, Text, not_found
from libs.common.security.roles import Role
from libs.common.web import Edge, allow
from services.registry.identifiers import domain, store
from services.registry.identifiers.domain import IdentifierType
from services.registry.identifiers.schemas import DoubtOut, IdentifierIn, IdentifierOut

router = APIRouter(prefix="/households", tags=["Giấy tờ định danh / Identifiers"])
Officer = Annotated[Edge, Depends(allow(Role.OFFICER))]


@router.put(
    "/{household_id}/members/{person_id}/identifiers/{kind}",
    summary="Ghi số định danh của một người / Record a member's identifier",
)
async def record_identifier(
    household_id: UUID,
    person_id: UUID,
    kind: IdentifierType,
    body: IdentifierIn,
    edge: Officer,
    request: Request,
) -> IdentifierOut:
    """The number itself is not kept, only a keyed hash by which it is found; it is never read back.

    An identifier of the same type that was recorded before holds until that day.
    """
    settings = settings_of(request)
    bearer = await store.bearer(edge.tx, household_id, person_id)
    if bearer is None:
        raise not_found("person")
    errors = domain.check(kind, body.value, body.from_day, edge.clock.today())
    if errors:
        title = Text("Số định danh không hợp lệ.", "The identifier is refused.")
        raise Problem(422, "identifier.refused", title, errors)
    digest = domain.digest(settings.identifier_key, kind, body.value)
    await store.record(edge.tx, person_id, kind, digest, body.from_day)
    found = domain.doubts(kind, body.value, bearer)
    return IdentifierOut(
        type=kind,
        from_day=body.from_day,
        doubts=[DoubtOut(vi=one.vi, en=one.en) for one in found],
    )
