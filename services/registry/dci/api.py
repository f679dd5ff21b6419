"""The social registry's routes of the DCI standard: the synchronous half."""

from dataclasses import dataclass, field
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from libs.common.dci import answers
from libs.common.dci.door import Partner, Road, enter, envelope_answer, settings_of, state_purpose
from libs.common.dci.headers import answer_header
from libs.common.dci.intake import message_of
from libs.common.dci.messages import SearchRequest
from libs.common.dci.words import Action, Scope
from libs.common.ids import new_id
from libs.common.web.act import SCOPE_KEY, Act
from services.registry.dci.naming import PERSON_NAME
from services.registry.dci.search import Reach, Surroundings, search
from services.registry.dci.store import CommuneNames

router = APIRouter(tags=["DCI"], include_in_schema=False)


@dataclass
class Kept:
    """What one application remembers between requests."""

    names: CommuneNames = field(default_factory=CommuneNames)


def kept_of(request: Request) -> Kept:
    state = request.app.state
    if not hasattr(state, "dci_kept"):
        state.dci_kept = Kept()
    found: Kept = state.dci_kept
    return found


@router.post("/registry/sync/search")
async def sync_search(
    request: Request,
    edge: Partner,
    kept: Annotated[Kept, Depends(kept_of)],
) -> Response:
    """Answer a SearchRequest at once."""
    received = await enter(request, edge, Action.SEARCH, Scope.SEARCH, Road.ENVELOPE, reads=True)
    settings, now = settings_of(request), edge.tx.recorded_at
    asked = message_of(received, SearchRequest, "search_request")
    reach = Reach.of(received.partner, received.communes)
    act: Act = request.scope[SCOPE_KEY]
    scopes = act.runtime.scopes
    around = Surroundings(
        edge.clock.today(),
        settings.identifier_key,
        kept.names,
        scopes,
        edge.vault if PERSON_NAME in reach.fields else None,
    )
    answer = await search(edge.tx, asked, reach, around, str(edge.correlation_id))
    state_purpose(request, answer.purpose)
    if answer.households:
        edge.note("household", answer.households)
    if answer.persons:
        edge.note("person", answer.persons)
    header = answer_header(
        Action.ON_SEARCH,
        message_id=str(new_id()),
        at=now,
        sender_id=settings.sender_id,
        receiver_id=received.header.sender_id,
        total=answer.total,
        completed=answer.total,
    )
    profile = received.partner.terms.profile
    return envelope_answer(answers.seal_bytes(header, answer.message, profile, settings, now))
