"""Every generated document by its path, and what of the committed ones a new one would break."""

import json
from pathlib import Path
from typing import Any

from tools.contracts.asyncapi import asyncapi_document
from tools.contracts.breaking import Break, breaks
from tools.contracts.breaking_api import api_breaks
from tools.contracts.openapi import openapi_documents
from tools.contracts.samples import sample_batches
from tools.contracts.schemas import event_schemas

ROOT = Path(__file__).parents[2]
GENERATED = Path("libs/common/contracts/generated")
SCHEMAS = GENERATED / "schemas"
SAMPLES = GENERATED / "samples"
ASYNCAPI = GENERATED / "asyncapi.json"

Documents = dict[Path, Any]


def generate() -> Documents:
    """All documents that models and routes ask for, by path from the repository's root."""
    return event_documents() | openapi_files()


def openapi_files() -> Documents:
    """Each service's OpenAPI document, by path from the repository's root."""
    return {
        Path(f"services/{service}/openapi.json"): document
        for service, document in openapi_documents().items()
    }


def event_documents() -> Documents:
    """Schemas, samples and AsyncAPI, by path from the repository's root."""
    return {
        **{SCHEMAS / f"{name}.json": schema for name, schema in event_schemas().items()},
        **{SAMPLES / f"{name}.json": batch for name, batch in sample_batches().items()},
        ASYNCAPI: asyncapi_document(),
    }


def committed() -> dict[Path, str]:
    """The text of every committed document."""
    paths = [*(ROOT / GENERATED).rglob("*.json"), *ROOT.glob("services/*/openapi.json")]
    return {path.relative_to(ROOT): path.read_text(encoding="utf-8") for path in paths}


def text_of(document: Any) -> str:
    """A document as it is committed."""
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def breaking_changes(old: Documents, new: Documents) -> dict[Path, list[Break]]:
    """What of the old schemas and APIs the new ones break, by path."""
    found = {}
    for path, before in old.items():
        if path.parent == SCHEMAS:
            gone = [Break("", "event type removed")]
            found[path] = breaks(before, new[path]) if path in new else gone
        elif path.name == "openapi.json":
            gone = [Break("", "API removed")]
            found[path] = api_breaks(before, new[path]) if path in new else gone
    return {path: entries for path, entries in found.items() if entries}
