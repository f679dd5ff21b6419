"""Change requests go where their households go, so that whoever is in charge there decides.

A request belongs to the commune of the household that it begins with, and to that of the other one,
if there is one: to where they live now, not to where it was asked. Its number keeps the commune
that gave it. The rule is pure; its statements stand below it, as the households' own call them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from libs.common.database import Transaction

# Locked, in one order for all: two households of a request may move at once, and whoever comes
# second goes on from where the first one led it. Their heads are locked before, as everywhere.
# The households' communes are read before they follow: they say where each has lived until now.
_TOUCHED = """
SELECT request.change_id, request.commune, request.to_commune,
       request.state IN ('asked', 'endorsed') AS is_open, request.state = 'endorsed' AS is_endorsed,
       (request.proposal #>> '{household,household_id}')::uuid AS first,
       (SELECT array_agg(of.household_id) FROM change_household AS of
        WHERE of.change_id = request.change_id
          AND (of.version_read IS NOT NULL OR of.version_written IS NOT NULL)) AS households
FROM change_request AS request
WHERE request.change_id IN (
  SELECT change_id FROM change_household WHERE household_id = ANY($1::uuid[]))
ORDER BY request.change_id FOR NO KEY UPDATE OF request
"""
_LEFT = "SELECT household_id, commune FROM household WHERE household_id = ANY($1::uuid[])"
_FOLLOW = """
UPDATE change_request AS request
SET asked_in = coalesce(asked_in, request.commune), commune = new.commune,
    to_commune = new.to_commune
FROM unnest($1::uuid[], $2::text[], $3::text[]) AS new(change_id, commune, to_commune)
WHERE request.change_id = new.change_id
"""
# After the endorsement, for which the move may have waited.
_ASK_ANEW = """
WITH anew AS (
  UPDATE change_request SET state = 'asked' WHERE change_id = ANY($1::uuid[]) RETURNING change_id
)
INSERT INTO change_step (change_id, state, by, reason, recorded_at)
SELECT anew.change_id, 'asked', $2, $3,
       greatest($4, (SELECT max(step.recorded_at) + interval '1 microsecond'
                     FROM change_step AS step WHERE step.change_id = anew.change_id))
FROM anew
"""
_BY = "registry.changes"
_WHY = (
    "Hộ đã chuyển sang xã khác: xã đó cần đồng ý. / "
    "A household has moved: the commune where it lives now has to agree."
)


class Parties(NamedTuple):
    """Whose a request is: the commune that asks, and the other one that has to agree."""

    commune: str
    to_commune: str | None


class Move(NamedTuple):
    """A household that lives in another commune than before."""

    former: str
    present: str


@dataclass(frozen=True, slots=True)
class Concerned:
    """A request on households that move.

    Attributes:
        first: the household that it begins with; None in a reversal, which names none.
        households: all that it is about and that are there.
    """

    parties: Parties
    is_open: bool
    first: UUID | None
    households: frozenset[UUID]


def followed(request: Concerned, moves: Mapping[UUID, Move]) -> Parties:
    """Whose the request is once these households have moved.

    An open one between two communes that have become one is that one's alone. One of a single
    commune of which another household stays behind is both communes' from then on. What two
    communes have decided stays theirs where it has become one commune's: a move that is carried
    out is still seen by both.
    """
    commune, to_commune = request.parties
    of_it = {one: moves[one] for one in request.households if one in moves}
    own = [
        one
        for one, move in of_it.items()
        if (move.former == commune if request.first is None else one == request.first)
    ]
    others = sorted(of_it.keys() - own)
    if own:
        stays_behind = request.households - of_it.keys()
        if to_commune is None and stays_behind:
            to_commune = commune
        commune = moves[own[0]].present
    if others:
        to_commune = moves[others[0]].present
    if commune != to_commune:
        return Parties(commune, to_commune)
    return Parties(commune, None) if request.is_open else request.parties


def is_asked_anew(before: Parties, now: Parties) -> bool:
    """Whether an endorsement no longer counts: another commune than the one for which it was given
    has to agree by now.
    """
    return now.to_commune is not None and now.to_commune != (before.to_commune or before.commune)


async def follow_households(
    tx: Transaction, communes: Mapping[UUID, str], *, by_succession: bool = False
) -> None:
    """Requests on these households, which are about to be seen from other communes, go along.

    Args:
        tx: the act's transaction, which holds the households' heads.
        communes: where each of them lives from now on.
        by_succession: the new communes take over from the old ones, and with the rest what those
            have agreed to.
    """
    rows = await tx.fetch(_TOUCHED, list(communes))
    if not rows:
        return
    moves = {
        row["household_id"]: Move(row["commune"], communes[row["household_id"]])
        for row in await tx.fetch(_LEFT, list(communes))
    }
    changed: list[tuple[UUID, Parties]] = []
    anew: list[UUID] = []
    for row in rows:
        parties = Parties(row["commune"], row["to_commune"])
        households = frozenset(row["households"] or ())
        now = followed(Concerned(parties, row["is_open"], row["first"], households), moves)
        if now != parties:
            changed.append((row["change_id"], now))
            if row["is_endorsed"] and not by_succession and is_asked_anew(parties, now):
                anew.append(row["change_id"])
    await _write(tx, changed)
    if anew:
        await tx.execute(_ASK_ANEW, anew, _BY, _WHY, tx.recorded_at)


async def _write(tx: Transaction, changed: Sequence[tuple[UUID, Parties]]) -> None:
    if changed:
        await tx.execute(
            _FOLLOW,
            [change_id for change_id, _ in changed],
            [parties.commune for _, parties in changed],
            [parties.to_commune for _, parties in changed],
        )
