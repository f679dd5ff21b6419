"""One JSON Schema per event type: the whole CloudEvent as it stands on the wire."""

from typing import Any

from libs.common.contracts.catalogue import EVENT_TYPES, EventType
from libs.common.contracts.envelope import CloudEvent

DIALECT = "https://json-schema.org/draft/2020-12/schema"
Schema = dict[str, Any]


def schema_id(event_type: str) -> str:
    """What the event's `dataschema` names."""
    return f"urn:ansinh:schema:{event_type}"


def event_schema(event: EventType) -> Schema:
    """The schema of one event type."""
    generic: Any = CloudEvent  # the type checker knows no type made at run time
    generated = generic[event.data].model_json_schema()
    properties = generated["properties"] | {
        "specversion": {"const": "1.0"},
        "source": {"const": f"/services/{event.source}"},
        "type": {"const": event.name},
        "partitionkey": {
            "description": "The subject again, for brokers that partition by key.",
            "format": "uuid",
            "type": "string",
        },
        "datacontenttype": {"const": "application/json"},
        "dataschema": {"const": schema_id(event.name)},
        "sequence": {
            "description": "The subject's version, zero-padded so that text compares as numbers.",
            "pattern": "^[0-9]{20}$",
            "type": "string",
        },
    }
    return {
        "$schema": DIALECT,
        "$id": schema_id(event.name),
        "title": event.name,
        "description": " ".join((event.data.__doc__ or "").split()),
        "type": "object",
        "properties": {name: _untitled(value) for name, value in properties.items()},
        "required": sorted({*generated["required"], "partitionkey", "datacontenttype"}),
        "$defs": {
            name: _untitled(value) for name, value in sorted(generated.get("$defs", {}).items())
        },
    }


def event_schemas() -> dict[str, Schema]:
    """Every event type's schema by name."""
    return {name: event_schema(event) for name, event in sorted(EVENT_TYPES.items())}


def _untitled(value: Any) -> Any:
    """Without the titles that repeat the field's name, and with descriptions on one line."""
    if isinstance(value, list):
        return [_untitled(entry) for entry in value]
    if not isinstance(value, dict):
        return value
    cleaned = {}
    for key, entry in value.items():
        if key == "title" and isinstance(entry, str):
            continue
        if key == "description" and isinstance(entry, str):
            entry = " ".join(entry.split())
        cleaned[key] = _untitled(entry)
    return cleaned
