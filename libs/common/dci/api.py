"""Internal API for operators: who a registered partner is by DCI; each change is audited."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from libs.common.dci import partners
from libs.common.dci.checking import check
from libs.common.dci.door import settings_of
from libs.common.dci.partners import DciPartner
from libs.common.dci.schemas import DciTermsIn, DciTermsOut
from libs.common.dci.settings import DciSettings
from libs.common.ids import derived_id
from libs.common.partners import registrations
from libs.common.partners.api import Operator, Partner, get
from libs.common.problems import not_found
from libs.common.web import TAGGED, IfMatch, etag, require_match

router = APIRouter(prefix="/partners", tags=["Đối tác / Partners"])


@router.get(
    "/{partner}/dci",
    response_model=DciTermsOut,
    responses={200: TAGGED},
    summary="Who a partner is by DCI",
)
async def show_dci(partner: Partner, edge: Operator, response: Response) -> DciTermsOut:
    known = await partners.find(edge.tx, partner)
    if known is None:
        raise not_found("partner")
    return _answer(known, response)


@router.put(
    "/{partner}/dci",
    response_model=DciTermsOut,
    responses={200: TAGGED},
    summary="Say who a partner is by DCI: sender id, keys, profile, addresses",
)
async def change_dci(
    partner: Partner,
    body: DciTermsIn,
    edge: Operator,
    response: Response,
    settings: Annotated[DciSettings, Depends(settings_of)],
    if_match: IfMatch = None,
) -> DciTermsOut:
    """A change needs `If-Match`; it counts from the next message on."""
    await registrations.lock(edge.tx)
    registration = await get(edge, partner)
    known = await partners.find(edge.tx, partner)
    version = 0 if known is None else known.version
    if known is not None:
        require_match(if_match, version)
    terms, senders = body.terms(), await partners.senders(edge.tx)
    check(partner, terms, senders, unsigned=settings.allows_unsigned)
    edge.note("partner", [derived_id("partner", partner)])
    by = edge.caller.subject
    return _answer(await partners.keep(edge.tx, registration, version + 1, terms, by), response)


def _answer(one: DciPartner, response: Response) -> DciTermsOut:
    etag(response, one.version)
    return DciTermsOut.of(one)
