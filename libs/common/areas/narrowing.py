"""An area by which a list is narrowed: which unit its code means, and under which commune codes its
rows stand today.

Rows of most services say where a household lives now, not where it came from. So the list of a unit
that has ended shows the communes that took it over, others' land included, and says which those
are; only the registry, which keeps residences, and reports tell them apart.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from libs.common.areas.succession import Reached, reached
from libs.common.database import Transaction

# What an answer says of the area it was asked for.
GEOGRAPHY_HEADER = "X-Area-Geography"


@dataclass(frozen=True, slots=True)
class Narrowed:
    """An area as a list read it.

    Attributes:
        valid_from, valid_until: of the unit that the code meant.
        communes: under which codes its rows stand.
        in_part: those of them that are also others' land.
        earlier: those of what it was made of, which bear no unit any more.
    """

    code: str
    valid_from: date
    valid_until: date | None
    communes: tuple[str, ...]
    in_part: tuple[str, ...]
    earlier: tuple[str, ...] = ()

    def header(self, read: str) -> str:
        """For `X-Area-Geography`: the unit that was meant, and how it was read."""
        said = [self.code, f"from={self.valid_from}"]
        said += [] if self.valid_until is None else [f"until={self.valid_until}"]
        said.append(f"read={read}")
        said += [f"in-part={' '.join(self.in_part)}"] if self.in_part else []
        return "; ".join(said)


async def narrow(tx: Transaction, code: str, day: date, today: date) -> Narrowed | None:
    """What the code means on the map of a day, with what it has become by today.

    It means the unit that bears it on `day`, else the last one that did. None: no unit ever did.
    """
    units = await reached(tx, [code], day, max(day, today))
    asked = next((one for one in units if one.is_asked), None)
    if asked is None:
        return None
    has_ended = asked.valid_until is not None and asked.valid_until <= today
    communes = [
        one for one in units if one.is_commune and (has_ended or one.is_earlier or one.is_whole)
    ]
    whole = _codes([one for one in communes if one.is_whole])
    earlier = [one for one in communes if one.is_earlier and one.is_whole and not one.is_asked]
    return Narrowed(
        code,
        asked.valid_from,
        asked.valid_until,
        tuple(sorted(_codes(communes))),
        tuple(sorted(_codes(communes) - whole)),
        tuple(sorted(_codes(earlier))),
    )


def _codes(units: Sequence[Reached]) -> set[str]:
    return {one.code for one in units}
