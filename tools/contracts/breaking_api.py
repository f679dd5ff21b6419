"""What in a new OpenAPI document would break a client of the old one."""

from collections.abc import Iterator
from typing import Any

from tools.contracts.breaking import Break, Way, breaks

Document = dict[str, Any]

_METHODS = ("get", "put", "post", "patch", "delete", "head", "options")


def api_breaks(old: Document, new: Document) -> list[Break]:
    """Removed paths, methods, parameters, answers and fields; what is newly required."""
    return list(_paths(old, new))


def _paths(old: Document, new: Document) -> Iterator[Break]:
    for path, before in old.get("paths", {}).items():
        after = new.get("paths", {}).get(path)
        if after is None:
            yield Break(path, "path removed")
            continue
        for method in _METHODS:
            if method in before and method not in after:
                yield Break(f"{method} {path}", "method removed")
            elif method in before:
                yield from _operation(old, new, before[method], after[method], f"{method} {path}")


def _operation(
    old: Document, new: Document, before: Document, after: Document, place: str
) -> Iterator[Break]:
    documents = (old, new)
    yield from _parameters(documents, before, after, place)
    had, has = before.get("requestBody", {}), after.get("requestBody", {})
    if has.get("required") and not had.get("required"):
        yield Break(place, "a body is required now")
    yield from _contents(documents, had, has, Way.WRITTEN, f"{place} body")
    for status, answer in before.get("responses", {}).items():
        if status not in after.get("responses", {}):
            yield Break(f"{place} {status}", "answer removed")
        elif status.startswith("2"):
            answered = _whole(new, after["responses"][status])
            answer = _whole(old, answer)
            yield from _contents(documents, answer, answered, Way.READ, f"{place} {status}")


def _parameters(
    documents: tuple[Document, Document], before: Document, after: Document, place: str
) -> Iterator[Break]:
    old, new = documents
    had, has = _parameters_of(old, before), _parameters_of(new, after)
    for key in sorted(had.keys() - has.keys()):
        yield Break(f"{place} {key[1]}", "parameter removed")
    for key, parameter in has.items():
        known = had.get(key)
        if parameter.get("required") and not (known and known.get("required")):
            yield Break(f"{place} {key[1]}", "parameter is required now")
        if known is not None:
            yield from breaks(
                known.get("schema", {}),
                parameter.get("schema", {}),
                Way.WRITTEN,
                documents=documents,
                pointer=f"{place} {key[1]}",
            )


def _parameters_of(document: Document, operation: Document) -> dict[tuple[str, str], Document]:
    whole = [_whole(document, parameter) for parameter in operation.get("parameters", ())]
    return {(parameter["in"], parameter["name"]): parameter for parameter in whole}


def _whole(document: Document, node: Document) -> Document:
    """The node itself, or the shared one that it refers to."""
    for part in str(node.get("$ref", "#")).split("/")[1:]:
        document = document[part]
    return document if "$ref" in node else node


def _contents(
    documents: tuple[Document, Document], had: Document, has: Document, way: Way, place: str
) -> Iterator[Break]:
    for media, content in had.get("content", {}).items():
        now = has.get("content", {}).get(media)
        if now is None:
            yield Break(place, f"{media} removed")
        else:
            yield from breaks(
                content.get("schema", {}),
                now.get("schema", {}),
                way,
                documents=documents,
                pointer=place,
            )
