"""The change feed, `GET /v1/changes?after=&limit=`: everything that a partner may see, in order.

Complete, and per subject in the order of its versions. A cursor names a row of the ledger by number
and id, so that it is known again, or known not to be: a service that was restored to an earlier
point gives numbers of the lost time anew, and a partner that was further is told to begin again.
"""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response

from libs.common.areas.scope import ScopeCache
from libs.common.database import Transaction
from libs.common.partners import horizon, reading
from libs.common.partners.pacing import Pace
from libs.common.partners.schemas import ChangesOut
from libs.common.partners.scoping import admit
from libs.common.problems import FieldError, Problem, Text
from libs.common.security.roles import Role
from libs.common.web import Edge, allow
from libs.common.web.paging import bad_cursor, decode_cursor, encode_cursor

LARGEST_PAGE, DEFAULT_PAGE = 1_000, 500
_LONGEST_CURSOR = 200
_KNOWN = "SELECT true FROM event_log WHERE seq = $1 AND event_id = $2"
_NOTE_READING = """
INSERT INTO partner_reading (partner, seq, read_at) VALUES ($1, $2, $3)
ON CONFLICT (partner) DO UPDATE SET seq = excluded.seq, read_at = excluded.read_at
"""


class Doors:
    """What one application keeps between requests: scopes for a short while, and paces."""

    def __init__(self) -> None:
        self.scopes = ScopeCache()
        self.pace = Pace()


def doors_of(request: Request) -> Doors:
    """Those of the application."""
    state = request.app.state
    if not hasattr(state, "partner_doors"):
        state.partner_doors = Doors()
    found: Doors = state.partner_doors
    return found


def feed_router(role: Role) -> APIRouter:
    """The route for partners of a role."""
    router = APIRouter(tags=["Đối tác / Partners"])

    @router.get(
        "/changes",
        response_model=ChangesOut,
        responses={410: {}},
        summary="Luồng thay đổi / every change that the caller may see, in order",
    )
    async def read_changes(
        edge: Annotated[Edge, Depends(allow(role))],
        doors: Annotated[Doors, Depends(doors_of)],
        after: Annotated[
            str | None,
            Query(max_length=_LONGEST_CURSOR, description="Con trỏ / cursor: the last `next`"),
        ] = None,
        limit: Annotated[int, Query(ge=1, le=LARGEST_PAGE)] = DEFAULT_PAGE,
    ) -> Response:
        """Without `after` from the beginning. Ask again with `next`: at once while `has_more`, else
        after a pause. `sequence` is the version of the subject; the highest one counts.

        410 `feed.cursor_gone`: the service was restored to an earlier point; begin without `after`.
        """
        safe, last = await horizon.look(edge.tx)
        day = edge.clock.today()
        partner = await admit(edge.tx, doors.scopes, edge.caller, day)
        known = partner.registration
        doors.pace.take(known.partner, known.terms.per_second)
        seq = await _position(edge.tx, after)
        bounds = reading.Bounds(given=limit)
        part = await reading.read_part(edge.tx, partner.scope, seq, safe, bounds)
        edge.note("household", [one.household_id for one in part.shown])
        cursor = after
        if part.upto > seq and (found := await reading.anchor(edge.tx, part.upto)):
            cursor = encode_cursor(found) if found[0] > seq else after
            await edge.tx.execute(_NOTE_READING, known.partner, found[0], edge.tx.recorded_at)
        else:
            await edge.tx.execute(_NOTE_READING, known.partner, seq, edge.tx.recorded_at)
        return _page([one.body for one in part.shown], cursor, has_more=part.upto < last)

    return router


async def _position(tx: Transaction, after: str | None) -> int:
    if after is None:
        return 0
    try:
        seq, event_id = decode_cursor(after)
        wanted = int(seq), UUID(event_id)
    except ValueError:
        raise bad_cursor() from None
    if not 0 < wanted[0] < 2**63:
        raise bad_cursor()
    if not await tx.fetchval(_KNOWN, *wanted):
        raise _gone()
    return wanted[0]


def _gone() -> Problem:
    title = Text(
        "Con trỏ này không còn: dịch vụ đã được phục hồi về thời điểm trước.",
        "The cursor is no more: the service was restored to an earlier point.",
    )
    fix = Text(
        "Đọc lại từ đầu, không gửi `after`; phiên bản (`sequence`) cao nhất là đúng.",
        "Read again from the beginning, without `after`; the highest `sequence` is right.",
    )
    return Problem(
        410,
        "feed.cursor_gone",
        title,
        [FieldError("/query/after", "feed.cursor_gone", title, fix)],
    )


def _page(items: list[bytes], cursor: str | None, *, has_more: bool) -> Response:
    """The views' own bytes: they are not read and written once more."""
    end = b"null" if cursor is None else b'"' + cursor.encode() + b'"'
    flag = b"true" if has_more else b"false"
    body = b'{"items":[' + b",".join(items) + b'],"next":' + end + b',"has_more":' + flag + b"}"
    return Response(body, media_type="application/json")
