"""Requests that nobody should send. Schemathesis draws them from the API's description, good ones
and bad ones; what no description tells is put in here: ids that exist, days at the end of time,
bytes that are no JSON, a secret where none belongs.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import schemathesis
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy as Strategy
from schemathesis import GenerationMode

from tests.support.worlds import Place

Operation = schemathesis.APIOperation[Any, Any, Any, Any]

SECRET = "Nguyễn Thị Bí Mật 079185001234"

_DAYS = ["0001-01-01", "1899-12-31", "1900-01-01", "2199-12-31", "9999-12-31", "2022-02-30"]
_NEAR_DAYS = ["2022-01-01", "2022-05-01"]
_INSTANTS = [
    "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59-12:00",
    "2022-01-01T00:00:00",
    "2022-01-01T00:00:00Z",
]
_TEXTS = [
    "",
    "\0",
    "a\0b",
    SECRET,
    "x" * 5_000,
    "'; DROP TABLE household; --",
    "%",
    "_",
    "\\",
    "🏚️",
    "\u202e",
    "../../etc",
    "00000000-0000-0000-0000-000000000000",
    "not-a-uuid",
    "WyIwMDAiXQ",
    "WyJcdTAwMDAiLCJcdTAwMDAiXQ",
    "WyJcdWQ4MDAiXQ",
    "WyIwMDAxLTAxLTAxVDAwOjAwOjAwKzE0OjAwIiwiMDFhMWZjODYtMDEyYy03N2Y0LWEyODUtMzNkZmY3MTdhNTNkIl0",
]
_NUMBERS = [0, -1, 2**31, 2**63, 10**40, -(10**400), 1.5, 1e308]
_VERSIONS = ['"1"', '"2"', "*", 'W/"1", "3"', SECRET.encode().decode("latin-1")]


def _nested(depth: int) -> Any:
    value: Any = []
    for _ in range(depth):
        value = [value]
    return value


texts = st.one_of(
    st.sampled_from(["a\0b", SECRET]),
    st.sampled_from(_DAYS),
    st.sampled_from([*_TEXTS, *_INSTANTS]),
    st.text(max_size=20),
)
weird: Strategy[Any] = st.one_of(
    st.none(),
    st.booleans(),
    st.sampled_from(_NUMBERS),
    texts,
    st.sampled_from([[], {}, [None], {SECRET: SECRET}, {"a": {"b": []}}, _nested(20), _nested(60)]),
)
_HEADER = "Mã giới thiệu,Ngày nhận hồ sơ,Trả lời,Số tiền giải ngân (đồng)"
raw_bodies = st.sampled_from(
    [
        b"",
        b"{",
        b"null",
        b"\xff\xfe\x00",
        b'{"commune": "\xc3\x28"}',
        b'{"a": "\\ud800"}',
        b'{"day": "\\u0000"}',
        b"[" * 20_000,
        b'{"a":' * 100 + b"1" + b"}" * 100,
        b"9" * 5_000,
        b'{"households": NaN}',
        f'"{SECRET}"'.encode(),
        f'{{"{SECRET}": 1}}'.encode(),
        b"PK\x03\x04" + b"\0" * 40,
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
    ]
)


@dataclass(frozen=True)
class Sent:
    """One request, as an HTTP client takes it, and the case of Schemathesis that it came from."""

    case: schemathesis.Case[Any]
    request: dict[str, Any]


class Requests:
    """Draws requests to the routes of one API description.

    Args:
        document: the description.
        place: what exists, drawn where an id or a commune is asked for.
    """

    def __init__(self, document: dict[str, Any], place: Place) -> None:
        ids = {name: list(_ids(value)) for name, value in vars(place).items()}
        for name, strategy in (_formats(place.commune, ids) | _marked(document, place)).items():
            schemathesis.openapi.format(name, strategy)
        config = schemathesis.Config.from_dict(_settings(document, ids))
        schema = schemathesis.openapi.from_dict(document, config=config)
        self.operations: list[Operation] = [
            operation for path in schema.values() for operation in path.values()
        ]

    def to(self, operation: Operation) -> Strategy[Sent]:
        """Requests to one route: good, bad, good with one thing spoiled, bytes of any kind."""
        good, bad = [operation.as_strategy(generation_mode=mode) for mode in GenerationMode]
        kinds = [_sent(good), _sent(bad), _sent(good, "spoiled")]
        if operation.body:
            kinds.append(_sent(good, "raw"))
        return st.one_of(kinds)


def _ids(value: Any) -> Iterator[str]:
    """The ids in a field of a place."""
    if isinstance(value, UUID):
        yield str(value)
    elif isinstance(value, Mapping):
        yield from map(str, value.values())
    elif isinstance(value, tuple):
        yield from map(str, value)


def _formats(commune: str, ids: dict[str, list[str]]) -> dict[str, Strategy[Any]]:
    known = [one for several in ids.values() for one in several]
    often = [*ids["household"], *ids["person"]]  # what most bodies are about
    return {
        "uuid": st.sampled_from([*often, *often, *known]) | st.uuids().map(str),
        "date": st.sampled_from([*_NEAR_DAYS, *_NEAR_DAYS, *_DAYS]),
        "date-time": st.sampled_from(_INSTANTS),
        "binary": raw_bodies | _tables(known),
        "area": st.sampled_from([commune, commune, "99999", commune[:2]]),
    }


def _marked(document: Any, place: Place) -> dict[str, Strategy[Any]]:
    """Gives a format to what takes an area's code, and to what has examples: much of what is
    drawn then gets past the first door.
    """
    formats = {}
    for node in _nodes(document):
        if "format" in node or node.get("type") != "string":
            continue
        if "pattern" in node and re.search(node["pattern"], place.commune):
            node["format"] = "area"
        elif "examples" in node:
            node["format"] = name = f"like {node['examples'][0]}"
            formats[name] = st.sampled_from([*node["examples"], "a\0b"])
    return formats


def _nodes(found: Any) -> Iterator[dict[str, Any]]:
    """Every object of a document."""
    if isinstance(found, dict):
        yield found
    for part in found.values() if isinstance(found, dict) else found:
        if isinstance(part, dict | list):
            yield from _nodes(part)


def _settings(document: dict[str, Any], ids: dict[str, list[str]]) -> dict[str, Any]:
    """What Schemathesis puts into parameters: a `request_id` is that of a `data_request`."""
    values: dict[str, list[Any]] = {"texts": [*_TEXTS, *_DAYS], "versions": _VERSIONS}
    filled = {"header.If-Match": ("versions", 0.7), "query.after": ("texts", 0.2)}
    for name in re.findall(r"{(\w+)_id}", " ".join(document["paths"])):
        if known := [one for field, several in ids.items() if name in field for one in several]:
            values[name] = known
            filled[f"path.{name}_id"] = name, 0.7
    return {
        "dictionaries": {name: {"values": some} for name, some in values.items()},
        "parameters": {
            name: {"dictionary": some, "probability": share}
            for name, (some, share) in filled.items()
        },
        "generation": {
            "with-security-parameters": False,  # every request carries the token of its test
            "dictionaries": {"string": {"dictionary": "texts", "probability": 0.1}},
        },
    }


@st.composite
def _sent(draw: st.DrawFn, cases: Strategy[schemathesis.Case[Any]], kind: str = "as drawn") -> Sent:
    case = draw(cases)
    parts = case.as_transport_kwargs(base_url="http://service.test")
    params, content = parts["params"], parts.get("data")
    if kind == "raw":
        content = draw(raw_bodies)
    elif "json" in parts:
        body = _spoiled(draw, parts["json"]) if kind == "spoiled" else parts["json"]
        text = json.dumps(body, ensure_ascii=draw(st.booleans()))
        content = text.encode("utf-8", "surrogatepass")
    elif kind == "spoiled" and params:
        spoiled = _spoiled(draw, params)
        params = spoiled if isinstance(spoiled, dict) else {SECRET: spoiled}
    headers = {name: value.encode("latin-1", "replace") for name, value in parts["headers"].items()}
    request = {"method": case.method, "url": parts["url"], "headers": headers}
    return Sent(case, {**request, "params": params, "content": content})


def _tables(ids: list[str]) -> st.SearchStrategy[bytes]:
    """A table that somebody might send."""
    cells = st.lists(st.sampled_from(ids) | texts, max_size=4).map(",".join)
    lines = st.lists(cells, max_size=4)
    return lines.map(lambda some: "\n".join([_HEADER, *some]).encode("utf-8", "surrogatepass"))


def _spoiled(draw: st.DrawFn, body: Any) -> Any:
    """The body with one thing wrong somewhere."""
    if isinstance(body, dict) and body and draw(st.integers(0, 3)):
        name = draw(st.sampled_from(sorted(body)))
        match draw(st.sampled_from(["drop", "add", "go in", "go in"])):
            case "drop":
                return {key: value for key, value in body.items() if key != name}
            case "add":
                return {**body, SECRET: draw(weird)}
        return {**body, name: _spoiled(draw, body[name])}
    if isinstance(body, list) and body and draw(st.integers(0, 3)):
        place = draw(st.integers(0, len(body) - 1))
        return [*body[:place], _spoiled(draw, body[place]), *body[place + 1 :]]
    return draw(weird)
