"""What in a new schema would break someone who lives by the old one. Additions do not."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Flag, auto
from typing import Any

Schema = Mapping[str, Any]


class Way(Flag):
    """Who lives by the schema.

    An event is both: old readers read new events, and new readers read the old ones of a ledger.
    """

    READ = auto()  # others read what we write: responses
    WRITTEN = auto()  # we read what others write: requests
    BOTH = READ | WRITTEN


@dataclass(frozen=True)
class Break:
    """One breaking difference: where, and which rule it breaks."""

    pointer: str
    rule: str

    def __str__(self) -> str:
        return f"{self.pointer or '/'}: {self.rule}"


@dataclass(frozen=True)
class _Pair:
    """Both documents, in which `$ref` is looked up."""

    old: Schema
    new: Schema
    way: Way


# A bound that grows (or shrinks) refuses what it took before.
_LOWER = ("minimum", "exclusiveMinimum", "minLength", "minItems")
_UPPER = ("maximum", "exclusiveMaximum", "maxLength", "maxItems")


def breaks(
    old: Schema,
    new: Schema,
    way: Way = Way.BOTH,
    *,
    documents: tuple[Schema, Schema] | None = None,
    pointer: str = "",
) -> list[Break]:
    """The breaking differences between two schemas.

    Args:
        old: what was promised.
        new: what would be promised.
        way: who lives by it.
        documents: where `$ref` points into; the schemas themselves by default.
        pointer: where the schemas stand, for the report.
    """
    within = documents or (old, new)
    return list(_compare(_Pair(*within, way), old, new, pointer, frozenset()))


def _compare(
    pair: _Pair, old: Schema, new: Schema, pointer: str, seen: frozenset[str]
) -> Iterator[Break]:
    reference = str(old.get("$ref", ""))
    if reference and reference in seen:
        return
    seen |= {reference}
    before, after = _kinds(pair.old, old), _kinds(pair.new, new)
    if Way.WRITTEN in pair.way and not before.keys() <= after.keys() and "any" not in after:
        yield Break(pointer, f"type narrowed: {', '.join(sorted(before.keys() - after.keys()))}")
    if Way.READ in pair.way and not after.keys() <= before.keys() and "any" not in before:
        yield Break(pointer, f"type widened: {', '.join(sorted(after.keys() - before.keys()))}")
    for kind in sorted(before.keys() & after.keys()):
        one, other = before[kind], after[kind]
        yield from _values(pair.way, one, other, pointer)
        yield from _fields(pair, one, other, pointer, seen)
        for inner in ("items", "additionalProperties"):
            if isinstance(one.get(inner), dict) and isinstance(other.get(inner), dict):
                yield from _compare(pair, one[inner], other[inner], f"{pointer}/{inner}", seen)


def _kinds(document: Schema, schema: Schema) -> dict[str, Schema]:
    """The alternatives of a schema, `$ref` followed, by kind: its type, with format if any."""
    schema = _resolve(document, schema)
    options = schema.get("anyOf") or schema.get("oneOf")
    if options:
        found: dict[str, Schema] = {}
        for option in options:
            found |= _kinds(document, option)
        return found
    kind = schema.get("type")
    if isinstance(kind, list):
        return {entry: schema for entry in kind}
    if kind is None:
        values = schema.get("enum", [schema["const"]] if "const" in schema else None)
        kind = "any" if values is None else "string" if _all_text(values) else "value"
    return {f"{kind}:{schema['format']}" if "format" in schema else str(kind): schema}


def _all_text(values: list[object]) -> bool:
    return all(isinstance(value, str) for value in values)


def _resolve(document: Schema, schema: Schema) -> Schema:
    while "$ref" in schema:
        found: Any = document
        for part in str(schema["$ref"]).removeprefix("#/").split("/"):
            found = found[part.replace("~1", "/").replace("~0", "~")]
        schema = found
    return schema


def _values(way: Way, old: Schema, new: Schema, pointer: str) -> Iterator[Break]:
    before, after = _enumerated(old), _enumerated(new)
    if before is not None and after is not None and not before <= after:
        yield Break(pointer, f"value removed: {', '.join(sorted(before - after))}")
    if before is None and after is not None and Way.WRITTEN in way:
        yield Break(pointer, "values are listed now")
    if before is not None and after is None and Way.READ in way:
        yield Break(pointer, "values are not listed any more")
    if old.get("pattern") != new.get("pattern"):
        yield Break(pointer, "pattern changed")
    if Way.WRITTEN in way:
        for name in (*_LOWER, *_UPPER):
            if _is_tighter(name, old.get(name), new.get(name)):
                yield Break(pointer, f"{name} is tighter")


def _enumerated(schema: Schema) -> set[str] | None:
    if "const" in schema:
        return {str(schema["const"])}
    return {str(value) for value in schema["enum"]} if "enum" in schema else None


def _is_tighter(name: str, old: float | None, new: float | None) -> bool:
    if new is None:
        return False
    return old is None or (new > old if name in _LOWER else new < old)


def _fields(
    pair: _Pair, old: Schema, new: Schema, pointer: str, seen: frozenset[str]
) -> Iterator[Break]:
    before, after = old.get("properties", {}), new.get("properties", {})
    needed, needs = set(old.get("required", ())), set(new.get("required", ()))
    for name in sorted(before.keys() - after.keys()):
        yield Break(f"{pointer}/{name}", "field removed")
    for name in sorted(needs - needed):
        if Way.WRITTEN in pair.way:
            known = "field is required now" if name in before else "new field is required"
            yield Break(f"{pointer}/{name}", known)
    for name in sorted((needed - needs) & after.keys()):
        if Way.READ in pair.way:
            yield Break(f"{pointer}/{name}", "field may be missing now")
    for name in sorted(before.keys() & after.keys()):
        yield from _compare(pair, before[name], after[name], f"{pointer}/{name}", seen)
