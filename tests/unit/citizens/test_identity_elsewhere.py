"""Who a person is stands in the registry alone: what is erased there is nowhere else."""

import json
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import SQLModel

from services.credit.files.form import READ

ROOT = Path(__file__).parents[3]
SCHEMAS = sorted((ROOT / "libs/common/contracts/generated").rglob("*.json"))
_IDENTITY = re.compile(
    r"(^|_)(full_name|first_name|last_name|given_name|surname|person_name|address|phone|email"
    r"|personal_number|identity_number|insurance_number|card_number|identifier|numbers|sealed)$"
)
_NAME = "name"


@pytest.mark.parametrize("service", ["eligibility", "credit", "reporting"])
def test_no_table_of_another_service_has_a_place_for_identity(service: str) -> None:
    for file in (ROOT / "services" / service).glob("*/tables.py"):
        import_module(f"services.{service}.{file.parent.name}.tables")
    metadata = import_module(f"services.{service}.metadata")
    [declared] = [
        one
        for one in vars(metadata).values()
        if isinstance(one, type) and issubclass(one, SQLModel) and one is not SQLModel
    ]
    columns = [
        f"{table.name}.{column.name}"
        for table in declared.metadata.tables.values()
        for column in table.columns
    ]
    assert len(columns) > 20
    assert [one for one in columns if _is_identity(one.partition(".")[2])] == []


def test_no_event_carries_identity() -> None:
    told = {name for file in SCHEMAS for name in _properties(json.loads(file.read_text("utf-8")))}
    assert {"person_id", "birth_date"} <= told, "the right files are looked at"
    # Of an area unit.
    assert {name for name in told if _is_identity(name)} <= {_NAME}


def test_a_filled_file_that_comes_back_is_not_read_for_names() -> None:
    assert not {"full_name", "personal_number"} & set(READ)


def _is_identity(name: str) -> bool:
    return name == _NAME or _IDENTITY.search(name) is not None


def _properties(schema: Any) -> Iterator[str]:
    if isinstance(schema, dict):
        yield from schema.get("properties", {})
        schema = list(schema.values())
    if isinstance(schema, list):
        for inner in schema:
            yield from _properties(inner)
