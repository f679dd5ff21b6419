"""The AsyncAPI document is valid, resolves, and tells the whole catalogue."""

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator

from libs.common.contracts.catalogue import EVENT_TYPES, SUBSCRIPTIONS
from libs.common.contracts.envelope import BATCH_CONTENT_TYPE
from tools.contracts.documents import ASYNCAPI, ROOT, committed

DOCUMENT: dict[str, Any] = json.loads(committed()[ASYNCAPI])
OFFICIAL = Path(__file__).parent / "asyncapi" / "3.0.0.schema.json"


def test_document_is_valid_asyncapi_3() -> None:
    schema = json.loads(OFFICIAL.read_text(encoding="utf-8"))
    assert [error.message for error in Draft7Validator(schema).iter_errors(DOCUMENT)] == []


def test_official_schema_is_looked_at_at_all() -> None:
    schema = json.loads(OFFICIAL.read_text(encoding="utf-8"))
    assert not Draft7Validator(schema).is_valid({**DOCUMENT, "channels": {"x": {"address": 1}}})


def test_every_reference_resolves() -> None:
    references = list(_references(DOCUMENT))
    assert references
    for reference in references:
        if reference.startswith("#/"):
            found: Any = DOCUMENT
            for part in reference.removeprefix("#/").split("/"):
                found = found[part.replace("~1", "/").replace("~0", "~")]
        else:
            assert (ROOT / ASYNCAPI.parent / reference).is_file()


@pytest.mark.parametrize("name", sorted(EVENT_TYPES))
def test_every_event_type_is_said_by_its_service(name: str) -> None:
    event = EVENT_TYPES[name]
    operation = DOCUMENT["operations"][f"{event.source}.says.{name}"]
    assert operation["action"] == "send"
    channel = DOCUMENT["channels"][name]
    assert channel["address"] == name
    assert channel["bindings"]["amqp"]["exchange"]["name"] == "ansinh.events"
    assert DOCUMENT["components"]["messages"][name]["contentType"] == BATCH_CONTENT_TYPE


@pytest.mark.parametrize("consumer", sorted(SUBSCRIPTIONS))
def test_every_subscription_listens_on_its_queue_to_what_it_reads(consumer: str) -> None:
    subscription = SUBSCRIPTIONS[consumer]
    operation = DOCUMENT["operations"][f"{consumer}.listens"]
    assert operation["action"] == "receive"
    channel = DOCUMENT["channels"][subscription.queue]
    assert channel["bindings"]["amqp"]["queue"]["name"] == subscription.queue
    assert set(channel["messages"]) == {name for name in EVENT_TYPES if subscription.reads(name)}
    assert len(operation["messages"]) == len(channel["messages"]) > 0


def _references(value: Any) -> Any:
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        for entry in value.values():
            yield from _references(entry)
    elif isinstance(value, list):
        for entry in value:
            yield from _references(entry)
