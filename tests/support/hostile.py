"""Requests that nobody should send, made from what the API's description says of good ones."""

import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from hypothesis import strategies as st

SECRET = "Nguyễn Thị Bí Mật 079185001234"

_DAYS = ["0001-01-01", "1899-12-31", "1900-01-01", "2199-12-31", "9999-12-31", "2022-02-30"]
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
weird: st.SearchStrategy[Any] = st.one_of(
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
        b"[" * 100_000,
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
    """One request."""

    method: str
    address: str
    content: bytes | None = None
    headers: dict[str, str] = field(default_factory=dict)


class Requests:
    """Draws requests to the routes of one API description.

    Args:
        document: the description.
        ids: ids that exist, used where a UUID is asked for.
    """

    def __init__(self, document: dict[str, Any], ids: list[str]) -> None:
        self._document = document
        self._ids = ids
        self.operations = [
            (method.upper(), path, operation)
            for path, item in document["paths"].items()
            for method, operation in item.items()
        ]

    def draw(self, data: st.DataObject, method: str, path: str, operation: Any) -> Sent:
        """A request to one route, hostile in some of its parts."""
        query, headers = [], {"Content-Type": "application/json"}
        for parameter in map(self._looked_up, operation["parameters"]):
            name, is_needed = parameter["name"], parameter.get("required", False)
            if not is_needed and data.draw(st.booleans()):
                continue
            value = str(data.draw(self._good(parameter["schema"]) | texts))
            match parameter["in"]:
                case "path":  # no client sends a dot or two: they lead elsewhere
                    part = quote(value, safe="").strip(".") or "-"
                    path = path.replace(f"{{{name}}}", part)
                case "query":
                    query.append(f"{quote(name)}={quote(value, safe='')}")
                case "header" if value.isascii() and value.isprintable():
                    headers[name] = value
        content = None
        if "requestBody" in operation:
            content_types = operation["requestBody"]["content"]
            media = data.draw(st.sampled_from(sorted(content_types)))
            body, headers["Content-Type"] = content_types[media], media
            is_json = media == "application/json"
            content = self._body(data, body["schema"]) if is_json else data.draw(self._file())
        return Sent(method, f"{path}?{'&'.join(query)}", content, headers)

    def _file(self) -> st.SearchStrategy[bytes]:
        """A table that somebody might send, or something else altogether."""
        cells = st.lists(st.sampled_from(self._ids) | texts, max_size=4).map(",".join)
        tables = st.lists(cells, max_size=4).map(lambda lines: "\n".join([_HEADER, *lines]))
        return raw_bodies | tables.map(lambda table: table.encode("utf-8", "surrogatepass"))

    def _body(self, data: st.DataObject, schema: Any) -> bytes:
        if data.draw(st.integers(0, 5)) == 0:
            return data.draw(raw_bodies)
        body = data.draw(self._good(schema))
        for _ in range(data.draw(st.integers(0, 2))):
            body = _spoiled(data, body)
        return json.dumps(body, ensure_ascii=data.draw(st.booleans())).encode(
            "utf-8", "surrogatepass"
        )

    def _looked_up(self, node: Any) -> Any:
        found = self._document
        for part in str(node.get("$ref", "#")).split("/")[1:]:
            found = found[part]
        return found if "$ref" in node else node

    def _good(self, node: Any) -> st.SearchStrategy[Any]:
        """What the schema allows, with the extreme days that it cannot exclude."""
        schema = self._looked_up(node)
        for several in ("anyOf", "oneOf"):
            if several in schema:
                return st.one_of([self._good(option) for option in schema[several]])
        if "const" in schema:
            return st.just(schema["const"])
        if "enum" in schema:
            return st.sampled_from(schema["enum"])
        match schema.get("type"):
            case "string":
                return self._text(schema)
            case "integer":
                low, high = schema.get("minimum", 0), schema.get("maximum", 10**12)
                return st.integers(low, high)
            case "boolean":
                return st.booleans()
            case "array":
                least = schema.get("minItems", 0)
                return st.lists(self._good(schema["items"]), min_size=least, max_size=least + 2)
            case "object":
                return self._object(schema)
        return st.none()

    def _text(self, schema: Any) -> st.SearchStrategy[Any]:
        match schema.get("format"):
            case "uuid":
                return st.sampled_from(self._ids) | st.uuids().map(str)
            case "date":
                return st.sampled_from([*_DAYS, "2022-01-01", "2022-05-01"])
            case "date-time":
                return st.sampled_from(_INSTANTS)
        if "examples" in schema:  # so that much of what is drawn gets past the first door
            return st.sampled_from([*schema["examples"], *schema["examples"], "a\0b"])
        if "pattern" in schema:
            return st.from_regex(schema["pattern"], fullmatch=True) | st.just("01882")
        most = min(schema.get("maxLength", 40), 40)
        return st.text(min_size=schema.get("minLength", 0), max_size=most)

    def _object(self, schema: Any) -> st.SearchStrategy[Any]:
        needed = set(schema.get("required", ()))
        fields = {name: self._good(part) for name, part in schema.get("properties", {}).items()}
        return st.fixed_dictionaries(
            {name: good for name, good in fields.items() if name in needed},
            optional={name: good for name, good in fields.items() if name not in needed},
        )


def _spoiled(data: st.DataObject, body: Any) -> Any:
    """The body with one thing wrong somewhere."""
    if isinstance(body, dict) and body and data.draw(st.integers(0, 3)):
        name = data.draw(st.sampled_from(sorted(body)))
        match data.draw(st.sampled_from(["drop", "add", "go in", "go in"])):
            case "drop":
                return {key: value for key, value in body.items() if key != name}
            case "add":
                return {**body, SECRET: data.draw(weird)}
        return {**body, name: _spoiled(data, body[name])}
    if isinstance(body, list) and body and data.draw(st.integers(0, 3)):
        place = data.draw(st.integers(0, len(body) - 1))
        return [*body[:place], _spoiled(data, body[place]), *body[place + 1 :]]
    return data.draw(weird)
