"""A posted form as the JSON document that the API takes: a field's name is its JSON pointer.

`/members/0/birth_date=2015-03-02` is `{"members": [{"birth_date": "2015-03-02"}]}`. An empty field
is left out, as a client that does not know would leave it out. Numbers in a pointer are places of a
list; a place that was left empty closes up, in what is sent and in what is shown again. A field
that begins with `~` goes along with its place (`~/relations/0/person_id`) and alone fills none.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Any
from urllib.parse import parse_qsl

from libs.common.problems import FieldError, Problem, Text

LARGEST_FORM = 262_144
_DEEPEST, _MOST_FIELDS = 8, 4_000
# Fields that stand for the request's headers.
TOKEN, KEY, VERSION = "_token", "_key", "_version"
PURPOSE, CASE = "_purpose", "_case"  # a purpose, and the file that it is about
_CASE_FORM = re.compile(r"[a-z0-9_.-]{1,40}")  # what a purpose in a header has room for
_HEADERS = {KEY: "idempotency-key", VERSION: "if-match"}

Node = dict[str, Any]


class Typed:
    """What somebody typed, by field; spaces at both ends are gone."""

    def __init__(self, pairs: Iterable[Sequence[str]]) -> None:
        self.pairs = [(str(name), str(value).strip()) for name, value in pairs]
        self._fields: dict[str, list[str]] = {}
        for name, value in self.pairs:
            self._fields.setdefault(name, []).append(value)

    @classmethod
    def parse(cls, body: bytes) -> "Typed | Text":
        """Of a form as browsers send it; or why it is not taken."""
        try:
            text = body.decode("utf-8")
            pairs = parse_qsl(
                text, keep_blank_values=True, max_num_fields=_MOST_FIELDS, errors="strict"
            )
        except ValueError:
            return Text("Không đọc được biểu mẫu.", "The form cannot be read.")
        return cls(pairs)

    def __contains__(self, name: str) -> bool:
        return name in self._fields

    def __bool__(self) -> bool:
        return bool(self._fields)

    def get(self, name: str, default: str = "") -> str:
        return self._fields.get(name, [default])[0]

    def all(self, name: str) -> list[str]:
        return self._fields.get(name, [])

    def headers(self) -> dict[str, str]:
        """The request headers that fields stand for."""
        found = {_HEADERS[name]: self.get(name) for name in _HEADERS if self.get(name)}
        if self.get(PURPOSE):
            parts = [self.get(PURPOSE), self.get(CASE).lower()]
            found["x-purpose"] = ".".join(part for part in parts if part)
        return {name: value for name, value in found.items() if value.isascii()}

    def refused(self) -> Problem | None:
        """What no header can say, by the field where it was typed."""
        case = self.get(CASE).lower()
        if not case or _CASE_FORM.fullmatch(case):
            return None
        rule = "case.form"
        message = Text("Số hồ sơ, số yêu cầu không đúng dạng.", "The number is not of the form.")
        fix = Text(
            "Dùng chữ không dấu, số, chấm, gạch nối; không dấu cách; dài nhất 40. Ví dụ: yc-7.",
            "Letters without marks, digits, dots, hyphens; no spaces; 40 at most. Example: yc-7.",
        )
        return Problem(422, rule, message, [FieldError(CASE, rule, message, fix)])

    def questions(self) -> list[tuple[str, str]]:
        """The fields that stand in the address where a file is the body."""
        named = [(name.removeprefix("/"), value) for name, value in self.pairs if name[:1] == "/"]
        return [(name, value) for name, value in named if value and "/" not in name]

    def closed_up(self) -> "Typed":
        """The same without empty places of lists, so that pointers of a refusal find fields."""
        used: dict[str, set[int]] = {}
        for name, value in self.pairs:
            parts = name.split("/")
            for place, part in enumerate(parts):
                if part.isdigit() and value and not parts[0]:
                    used.setdefault("/".join(parts[:place]), set()).add(int(part))
        ranks = {at: {n: str(k) for k, n in enumerate(sorted(found))} for at, found in used.items()}
        return Typed(
            (renamed, value)
            for name, value in self.pairs
            if (renamed := _renamed(name, ranks)) is not None
        )

    def document(self) -> Node:
        """The JSON document of the fields that are pointers."""
        whole: Node = {}
        for name, values in self._fields.items():
            given = [value for value in values if value]
            parts = name.split("/")[1:]
            if name.startswith("/") and given and len(parts) <= _DEEPEST and all(parts):
                _put(whole, parts, given)
        return dict(_lists(whole))


def _renamed(name: str, ranks: dict[str, dict[int, str]]) -> str | None:
    parts = name.split("/")
    if parts[0] not in ("", "~"):
        return name
    renamed = [""]
    for place, part in enumerate(parts[1:], 1):
        if not part.isdigit():
            renamed.append(part)
            continue
        rank = ranks.get("/".join(["", *parts[1:place]]), {}).get(int(part))
        if rank is None:
            return None
        renamed.append(rank)
    return "/".join(renamed)


def _put(node: Node, parts: Sequence[str], values: list[str]) -> None:
    for part in parts[:-1]:
        inner = node.setdefault(part, {})
        if not isinstance(inner, dict):
            return
        node = inner
    # `name/-` is a list of whatever was chosen, as JSON Pointer names the end of a list.
    if parts[-1] == "-":
        node.update({str(place): value for place, value in enumerate(values)})
    else:
        node.setdefault(parts[-1], values[0])


def _lists(node: Node) -> Any:
    inner = {
        name: _lists(value) if isinstance(value, dict) else value for name, value in node.items()
    }
    if inner and all(name.isdigit() for name in inner):
        return [inner[name] for name in sorted(inner, key=int)]
    return inner
