"""What a reorganisation will do, in numbers. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from services.registry.areas.domain import line_changes
from services.registry.reorganisations.concerned import Count
from services.registry.reorganisations.domain import Plan, village_key
from services.registry.reorganisations.store import Route


def count_units(plan: Plan) -> dict[str, int]:
    """How many units end, begin, are known already, are divided."""
    return {
        "ended": len(plan.ended),
        "new": len(plan.new),
        "known": sum(one.is_known for one in plan.new.values()),
        "divided": sum(one.is_divided for one in plan.ended),
    }


def previewed(routes: Sequence[Route], counts: Sequence[Count]) -> dict[str, Any]:
    """What becomes of the counted households: moved, to be asked about, under another line."""
    ways: dict[tuple[str, date], list[Route]] = defaultdict(list)
    for route in routes:
        ways[route.code, route.valid_from].append(route)
    moved, asked = _sum(()), _sum(())
    villages: list[dict[str, Any]] = []
    reclassified: list[dict[str, Any]] = []
    counted: dict[tuple[str, date], list[Count]] = defaultdict(list)
    for count in counts:
        counted[count.code, count.valid_from].append(count)
    for key, several in sorted(ways.items()):
        code, _ = key
        taken = {one: way_of(several, one.village) for one in counted[key]}
        open_here = [one for one, way in taken.items() if way is None]
        asked = _sum(open_here, asked)
        villages += [{"commune": code, "village": one.village, **_sum([one])} for one in open_here]
        for way in several:
            going = [one for one, taken_way in taken.items() if taken_way is way]
            moved = _sum(going, moved)
            if going and line_changes(way.kind, way.to_kind) is not False:
                reclassified.append(_reclassified(way) | _sum(going))
    return {
        "moved": moved,
        "asked": {**asked, "villages": villages},
        "reclassified": reclassified,
    }


def _sum(counts: Iterable[Count], before: Mapping[str, int] | None = None) -> dict[str, int]:
    total = dict(before or {"households": 0, "persons": 0})
    for count in counts:
        total["households"] += count.households
        total["persons"] += count.persons
    return total


def _reclassified(way: Route) -> dict[str, Any]:
    return {
        "former_commune": way.code,
        "commune": way.to_code,
        "former_kind": way.kind,
        "kind": way.to_kind,
        "income_line_changes": line_changes(way.kind, way.to_kind),
    }


def way_of(routes: Sequence[Route], village: str | None) -> Route | None:
    """Which way a household of the village goes; None: a person must say so."""
    for route in routes:
        named = {village_key(name) for name in route.villages}
        if not route.is_asked or (village is not None and village_key(village) in named):
            return route
    return None
