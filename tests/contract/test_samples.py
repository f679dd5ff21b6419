"""Golden samples hold against schemas and models, and every event type has one."""

import json
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from libs.common.contracts.catalogue import EVENT_TYPES
from libs.common.contracts.envelope import CloudEvent
from tools.contracts.documents import SAMPLES, SCHEMAS, committed

TEXTS = committed()


def model_of(event_type: str) -> type[CloudEvent[Any]]:
    generic: Any = CloudEvent  # the type checker knows no type made at run time
    model: type[CloudEvent[Any]] = generic[EVENT_TYPES[event_type].data]
    return model


def batch(event_type: str) -> list[dict[str, Any]]:
    events: list[dict[str, Any]] = json.loads(TEXTS[SAMPLES / f"{event_type}.json"])
    return events


@pytest.mark.parametrize("event_type", sorted(EVENT_TYPES))
def test_sample_is_valid_against_the_committed_schema(event_type: str) -> None:
    schema = json.loads(TEXTS[SCHEMAS / f"{event_type}.json"])
    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)
    events = batch(event_type)
    assert events
    for event in events:
        validator.validate(event)
        assert event["type"] == event_type
        assert event["dataschema"] == schema["$id"]


@pytest.mark.parametrize("event_type", sorted(EVENT_TYPES))
def test_reader_gets_back_every_field_of_a_sample(event_type: str) -> None:
    model = model_of(event_type)
    for event in batch(event_type):
        read = model.model_validate_json(json.dumps(event))
        written = json.loads(read.model_dump_json(exclude_none=True))
        ours = ("partitionkey", "datacontenttype", "dataschema")
        assert written | {"data": None} == {
            key: value for key, value in event.items() if key not in ours
        } | {"data": None}
        assert json.loads(read.data.model_dump_json()) == event["data"]


@pytest.mark.parametrize("event_type", sorted(EVENT_TYPES))
def test_reader_takes_a_sample_with_fields_it_does_not_know(event_type: str) -> None:
    model = model_of(event_type)
    for event in batch(event_type):
        later = {**event, "tracestate": "x=1", "data": {**event["data"], "later": 1}}
        assert model.model_validate(later).data == model.model_validate(event).data


def test_versions_of_a_sample_subject_go_up() -> None:
    latest: dict[tuple[str, str], str] = {}
    for event_type in sorted(EVENT_TYPES):
        for event in batch(event_type):
            key = (event_type, event["subject"])
            assert event["sequence"] > latest.get(key, "")
            latest[key] = event["sequence"]
