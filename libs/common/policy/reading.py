"""Reading law files so that every complaint names file and line.

A thin skin over PyYAML's nodes: nothing is taken that was not asked for, and each value is read
with its type. YAML's own guesses (`no` as false, `1.20` as a float) are not trusted: factors are
written as quoted text.
"""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path

import yaml

from libs.common.problems import Text

# Every process reads its law when it starts; in C that takes a tenth of the time.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class LawError(Exception):
    """A law file that cannot be trusted: says what is wrong, in which file, on which line."""

    def __init__(self, file: Path, line: int, message: str) -> None:
        super().__init__(f"{file}:{line}: {message}")
        self.file = file
        self.line = line
        self.message = message


class Entry:
    """One YAML value with its place."""

    __slots__ = ("_file", "_node")

    def __init__(self, file: Path, node: yaml.Node) -> None:
        self._file = file
        self._node = node

    @property
    def line(self) -> int:
        return self._node.start_mark.line + 1

    def wrong(self, message: str) -> LawError:
        return LawError(self._file, self.line, message)

    @property
    def is_null(self) -> bool:
        return self._node.tag == "tag:yaml.org,2002:null"

    def _scalar(self, tag: str, expected: str) -> str:
        node = self._node
        if not isinstance(node, yaml.ScalarNode) or node.tag != f"tag:yaml.org,2002:{tag}":
            raise self.wrong(f"expected {expected}")
        value: str = node.value
        return value

    def text(self) -> str:
        value = self._scalar("str", "a text").strip()
        if not value:
            raise self.wrong("the text is empty")
        return value

    def boolean(self) -> bool:
        value = self._scalar("bool", "true or false")
        if value not in ("true", "false"):
            raise self.wrong("expected true or false")
        return value == "true"

    def number(self) -> int:
        return int(self._scalar("int", "a whole number").replace("_", ""))

    def day(self) -> date:
        try:
            return date.fromisoformat(self._scalar("timestamp", "a day as 2026-01-31"))
        except ValueError as error:
            raise self.wrong("expected a day as 2026-01-31") from error

    def decimal(self) -> Decimal:
        try:
            return Decimal(self._scalar("str", 'a decimal in quotes, e.g. "1.20"'))
        except InvalidOperation as error:
            raise self.wrong('expected a decimal in quotes, e.g. "1.20"') from error

    def bilingual(self) -> Text:
        parts = self.mapping(required=("vi", "en"))
        return Text(parts["vi"].text(), parts["en"].text())

    def items(self) -> list["Entry"]:
        if not isinstance(self._node, yaml.SequenceNode):
            raise self.wrong("expected a list")
        return [Entry(self._file, node) for node in self._node.value]

    def pairs(self) -> dict[str, "Entry"]:
        """A mapping with free keys; each key once."""
        if not isinstance(self._node, yaml.MappingNode):
            raise self.wrong("expected a mapping")
        found: dict[str, Entry] = {}
        for key_node, value_node in self._node.value:
            key = Entry(self._file, key_node)
            name = str(key_node.value)
            if name in found:
                raise key.wrong(f"{name!r} stands here twice")
            found[name] = Entry(self._file, value_node)
        return found

    def mapping(
        self, required: tuple[str, ...], optional: tuple[str, ...] = ()
    ) -> dict[str, "Entry"]:
        """A mapping with just these keys."""
        found = self.pairs()
        for name, entry in found.items():
            if name not in required and name not in optional:
                raise entry.wrong(f"unknown key {name!r}")
        for name in required:
            if name not in found:
                raise self.wrong(f"{name!r} is missing")
        return found


def read_documents(file: Path) -> Iterator[Entry]:
    """The YAML documents of a file, in order.

    Raises:
        LawError: the file is not YAML.
    """
    try:
        for node in yaml.compose_all(file.read_text(encoding="utf-8"), Loader=_LOADER):
            yield Entry(file, node)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        line = mark.line + 1 if mark is not None else 1
        raise LawError(file, line, f"not YAML: {error.problem}") from error
