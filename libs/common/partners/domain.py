"""What a partner may see of an event: one pure function for every road. No I/O, no clock.

An event is in a registration's scope by its type, its area and its programme. Of what is in scope
the envelope's ids leave, and of the data the fields that the registration names; of a list (periods
of the roll, entitlements) only the items of its programmes. What is not named does not leave.

A subject can leave a scope: a household moves away, a referral goes over to another programme.
Then a notice without data tells whoever was told of it before, so that nobody keeps what is no
longer so.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import Any

from pydantic_core import from_json, to_json

EVERYTHING = "*"
LEFT = "scopeleft"  # the extension attribute of a notice
_ENVELOPE = (
    "specversion id source type subject partitionkey time recordedtime datacontenttype sequence "
    "correlationid"
).split()


@dataclass(frozen=True, slots=True)
class Shape:
    """Where an event of a stream says its programmes, and what they are called in a registration.

    Attributes:
        field: the data's own field, or that of each item.
        prefix: of the programme's name, e.g. `insurance.` before the roll's `HN`.
        items: the list whose items each have a programme; None where the whole has one.
    """

    field: str
    prefix: str = ""
    items: str | None = None


# A stream that is not here is shown to nobody.
SHAPES: Mapping[str, Shape] = {
    "referral": Shape("programme", "credit."),
    "loan": Shape("programme", "credit."),
    "entitlement": Shape("programme", items="entitlements"),
    "insurance": Shape("group", "insurance.", items="periods"),
    "training": Shape("group", "training.", items="offers"),
}


@dataclass(frozen=True, slots=True)
class Scope:
    """What a registration lets out, on the day of asking.

    Attributes:
        types: event types, or patterns of them (`referral.*.v1`).
        programmes: e.g. `credit.01`, or patterns (`insurance.*`).
        communes: under whose codes residences were recorded; None: every one.
        fields: paths into the data (`area.commune`, `periods.group`); a name stands for all below.
    """

    types: tuple[str, ...]
    programmes: tuple[str, ...]
    communes: frozenset[str] | None
    fields: tuple[str, ...]

    def reads(self, event_type: str) -> bool:
        return _fits(event_type, self.types)

    def covers(self, programme: str) -> bool:
        return _fits(programme, self.programmes)

    def within(self, communes: frozenset[str] | None) -> "Scope":
        """The same, where those communes alone are asked for as well."""
        both = communes if self.communes is None else self.communes
        if self.communes is not None and communes is not None:
            both = self.communes & communes
        return Scope(self.types, self.programmes, both, self.fields)


@lru_cache(maxsize=4_096)  # few types and programmes, asked of every event
def _fits(name: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)


@dataclass(frozen=True, slots=True)
class LedgerEvent:
    """An event as the ledger holds it, and what was said of its subject before.

    Attributes:
        before: the event right before it in the subject's stream: type and bytes. Needed only where
            the event itself is not in scope (`is_seen` says no).
    """

    type: str
    body: bytes
    before: tuple[str, bytes] | None = None


def view(scope: Scope, event: LedgerEvent) -> bytes | None:
    """The bytes that leave, as CloudEvents JSON; None: nothing does."""
    shown = show(scope, event.type, from_json(event.body))
    if shown is not None:
        return shown
    if event.before is None or not is_seen(scope, event.before[0], from_json(event.before[1])):
        return None
    return notice(from_json(event.body))


def is_seen(scope: Scope, event_type: str, event: Mapping[str, Any]) -> bool:
    """Whether the event is in scope."""
    return _visible(scope, event_type, event) is not None


def show(scope: Scope, event_type: str, event: Mapping[str, Any]) -> bytes | None:
    """What of an event in scope leaves; None where it is not."""
    shown = cut(scope, event_type, event)
    return None if shown is None else to_json({**_envelope(event), "data": shown})


def cut(scope: Scope, event_type: str, event: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The data that leaves of an event in scope; None where it is not.

    A state that stands in a table is cut as the event that would say it (a file's line).
    """
    data = _visible(scope, event_type, event)
    if data is None:
        return None
    return allowed(data, tree_of(scope.fields)) if scope.fields else {}


def notice(event: Mapping[str, Any]) -> bytes:
    """That the subject is no longer in scope: ids alone."""
    return to_json({**_envelope(event), LEFT: True})


def _visible(scope: Scope, event_type: str, event: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The data of an event in scope, with the items of its programmes alone."""
    shape = SHAPES.get(event_type.partition(".")[0])
    data = event.get("data")
    if shape is None or not isinstance(data, dict) or not scope.reads(event_type):
        return None
    area = data.get("area")
    commune = area.get("commune") if isinstance(area, dict) else None
    if commune is None or (scope.communes is not None and commune not in scope.communes):
        return None
    if shape.items is None:
        return data if scope.covers(f"{shape.prefix}{data.get(shape.field)}") else None
    items = [
        item
        for item in data.get(shape.items) or ()
        if scope.covers(f"{shape.prefix}{item.get(shape.field)}")
    ]
    return {**data, shape.items: items} if items else None


def _envelope(event: Mapping[str, Any]) -> dict[str, Any]:
    return {name: event[name] for name in _ENVELOPE if name in event}


Tree = dict[str, Any]  # a field's name to the tree below it; an empty one is everything
_TREES: dict[tuple[str, ...], Tree] = {}


def tree_of(fields: tuple[str, ...]) -> Tree:
    """The registered paths as a tree."""
    found = _TREES.get(fields)
    if found is None:
        if len(_TREES) > 1_000:
            _TREES.clear()
        found = _TREES[fields] = _grown(fields)
    return found


def _grown(fields: Collection[str]) -> Tree:
    """Shorter paths first, so that a name that stands for all below is not narrowed again."""
    tree: Tree = {}
    for path in sorted(fields, key=lambda path: path.count(".")):
        node, parts = tree, path.split(".")
        for place, part in enumerate(parts):
            known = node.get(part)
            if known == {} and place < len(parts) - 1:
                break
            node = node.setdefault(part, {})
    return tree


def allowed(value: Any, tree: Tree) -> Any:
    """What of a value stands below the tree's names; an empty tree is everything."""
    if not tree:
        return value
    if isinstance(value, list):
        return [allowed(item, tree) for item in value]
    if isinstance(value, dict):
        return {
            name: allowed(value[name], below) if below else value[name]
            for name, below in tree.items()
            if name in value
        }
    return None
