"""Status decisions over HTTP: chairmen sign, officers and the province read."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Response

from libs.common.problems import not_found
from libs.common.security.roles import Role
from libs.common.web import Edge, allow
from services.registry.reviews import acts, documents
from services.registry.reviews.acts import Outcome, Stated
from services.registry.reviews.schemas import DecisionIn, DecisionOut, RowOut

router = APIRouter(prefix="/decisions", tags=["Quyết định / Decisions"])

Chairman = Annotated[Edge, Depends(allow(Role.CHAIRMAN))]
Reader = Annotated[
    Edge,
    Depends(allow(Role.OFFICER, Role.CHAIRMAN, Role.REVIEWER, Role.PROVINCE, Role.AUDITOR)),
]


@router.post(
    "",
    status_code=201,
    summary="Ban hành quyết định / Issue a decision",
    responses={202: {"model": DecisionOut, "description": "Đã nhận, đang thực hiện / Accepted"}},
)
async def decide(body: DecisionIn, edge: Chairman, response: Response) -> DecisionOut:
    stated = Stated(
        document=body.document(),
        rows=[(row.household_id, row.status) for row in body.rows],
        digest=body.digest(),
        correlation_id=edge.correlation_id,
    )
    outcome = await acts.decide(edge.tx, stated, edge.clock.today())
    edge.note("decision", [stated.document.decision_id])
    if outcome.decision.state != "done":
        response.status_code = 202
    response.headers["Location"] = f"decisions/{stated.document.decision_id}"
    return _out(outcome)


@router.get("/{decision_id}", summary="Quyết định và tiến độ / A decision and how far it is")
async def get_decision(decision_id: UUID, edge: Reader) -> DecisionOut:
    decision = await documents.find_decision(edge.tx, decision_id)
    if decision is None:
        raise not_found("decision")
    edge.note("decision", [decision_id])
    return _out(Outcome(decision))


def _out(outcome: Outcome) -> DecisionOut:
    decision, document = outcome.decision, outcome.decision.document
    return DecisionOut(
        decision_id=document.decision_id,
        number=document.number,
        kind=document.kind,
        signed_on=document.signed_on,
        effective_on=document.effective_on,
        authority=document.authority,
        commune=document.commune,
        standard=document.standard,
        supersedes=document.supersedes,
        state=decision.state,
        rows_total=decision.rows_total,
        rows_done=decision.rows_done,
        problems=decision.problems,
        correlation_id=decision.correlation_id,
        recorded_at=decision.recorded_at,
        finished_at=decision.finished_at,
        rows=[
            RowOut(
                household_id=row.household_id,
                version=row.version,
                correlation_id=row.correlation_id,
            )
            for row in outcome.written
        ],
    )
