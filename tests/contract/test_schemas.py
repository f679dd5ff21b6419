"""The committed schemas are the models', nothing breaks a reader, and nobody is named."""

import json
import re
from typing import Any

import pytest

from libs.common.contracts.catalogue import EVENT_TYPES
from tools.contracts.documents import (
    GENERATED,
    SCHEMAS,
    breaking_changes,
    committed,
    event_documents,
    text_of,
)

NEW = event_documents()
OLD = {path: text for path, text in committed().items() if path.is_relative_to(GENERATED)}

# Whose life it is never rides the bus: words that a field's name may not have.
IDENTITY_WORDS = frozenset(
    "name surname firstname lastname fullname nickname cccd cmnd citizen passport identity "
    "identifier phone mobile telephone email mail address street village hamlet house account "
    "iban photo image fingerprint signature father mother".split()
)
# A unit's name (xã Nghiên Loan) is no person's.
ALLOWED = {("AreaData", "name")}


def test_committed_documents_are_what_the_models_say() -> None:
    """`make contracts` writes them anew."""
    assert {path: text_of(document) for path, document in NEW.items()} == OLD


def test_no_committed_promise_is_broken() -> None:
    old = {path: json.loads(text) for path, text in OLD.items()}
    assert breaking_changes(old, NEW) == {}


@pytest.mark.parametrize("event_type", sorted(EVENT_TYPES))
def test_no_field_names_a_person(event_type: str) -> None:
    schema = NEW[SCHEMAS / f"{event_type}.json"]
    objects = {"CloudEvent": schema, **schema["$defs"]}
    fields = {
        (owner, field) for owner, found in objects.items() for field in found.get("properties", {})
    }
    assert {pair for pair in fields if _words(pair[1]) & IDENTITY_WORDS} <= ALLOWED


@pytest.mark.parametrize(
    "field", ["full_name", "fullName", "cccd", "phone_number", "home_address", "identityNumber"]
)
def test_deny_list_finds_identity_in_a_field_however_it_is_spelt(field: str) -> None:
    assert _words(field) & IDENTITY_WORDS


@pytest.mark.parametrize("event_type", sorted(EVENT_TYPES))
def test_schema_lets_unknown_fields_pass(event_type: str) -> None:
    """Optional additions inside v1 reach readers that do not know them yet."""
    assert not list(_forbidding(NEW[SCHEMAS / f"{event_type}.json"]))


def _words(field: str) -> set[str]:
    return {word.lower() for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+", field)}


def _forbidding(value: Any) -> Any:
    if isinstance(value, dict):
        if value.get("additionalProperties") is False:
            yield value
        for entry in value.values():
            yield from _forbidding(entry)
    elif isinstance(value, list):
        for entry in value:
            yield from _forbidding(entry)
