"""From a directory of law files to a checked book of tables.

`facts.yaml` holds the vocabulary; every other file holds one or more tables as YAML documents.
"""

from pathlib import Path

from libs.common.policy.book import Book, check_overlaps
from libs.common.policy.conditions import read_condition
from libs.common.policy.evaluation import complete
from libs.common.policy.facts import (
    FactValue,
    ParameterValue,
    Subject,
    Vocabulary,
    one_of,
    read_vocabulary,
)
from libs.common.policy.model import Case, Row, Source, Table
from libs.common.policy.reading import Entry, LawError, read_documents

VOCABULARY_FILE = "facts.yaml"


def load_book(directory: Path) -> Book:
    """Read and check all tables of a directory.

    Raises:
        LawError: naming file and line of the first thing that is not as it must be.
    """
    vocabulary = read_vocabulary(directory / VOCABULARY_FILE)
    tables = [
        _Reader(file, vocabulary).table(document)
        for file in sorted(directory.glob("*.yaml"))
        if file.name != VOCABULARY_FILE
        for document in read_documents(file)
    ]
    if not tables:
        raise LawError(directory, 1, "no tables")
    check_overlaps(tables)
    return Book(vocabulary, tuple(tables))


class _Reader:
    def __init__(self, file: Path, vocabulary: Vocabulary) -> None:
        self._file = file
        self._vocabulary = vocabulary

    def table(self, entry: Entry) -> Table:
        parts = entry.mapping(
            required=(
                "id",
                "title",
                "source",
                "effective",
                "known_from",
                "scope",
                "subject",
                "rows",
                "cases",
            ),
            optional=("until", "supersedes", "programme", "note"),
        )
        effective = parts["effective"].day()
        until = parts["until"].day() if "until" in parts else None
        if until is not None and until <= effective:
            raise parts["until"].wrong("the table ends before it begins")
        subject = one_of(Subject, parts["subject"])
        source = self.source(parts["source"])
        programme = parts["programme"].text() if "programme" in parts else None
        rows = tuple(self.row(item, subject, source, programme) for item in parts["rows"].items())
        ids = [row.id for row in rows]
        if len(set(ids)) != len(ids) or not ids:
            raise parts["rows"].wrong("rows need ids of their own, and at least one row")
        cases = tuple(self.case(item, subject, ids) for item in parts["cases"].items())
        if not cases:
            raise parts["cases"].wrong("a table carries its own test cases")
        return Table(
            id=parts["id"].text(),
            title=parts["title"].bilingual(),
            note=parts["note"].bilingual() if "note" in parts else None,
            source=source,
            effective=effective,
            until=until,
            known_from=parts["known_from"].day(),
            supersedes="supersedes" in parts and parts["supersedes"].boolean(),
            provinces=self.provinces(parts["scope"]),
            subject=subject,
            rows=rows,
            cases=cases,
            file=self._file,
            line=entry.line,
        )

    def source(self, entry: Entry) -> Source:
        parts = entry.mapping(required=("document", "confirmed"), optional=("article", "note"))
        return Source(
            document=parts["document"].text(),
            article=parts["article"].text() if "article" in parts else None,
            is_confirmed=parts["confirmed"].boolean(),
            note=parts["note"].bilingual() if "note" in parts else None,
        )

    def provinces(self, entry: Entry) -> frozenset[str]:
        """`national`, or the list of province codes of an overlay."""
        try:
            items = entry.items()
        except LawError:
            if entry.text() != "national":
                raise entry.wrong("expected national or a list of province codes") from None
            return frozenset()
        codes = [item.text() for item in items]
        if not codes or not all(len(code) == 2 and code.isdigit() for code in codes):
            raise entry.wrong('a province code is two digits in quotes, e.g. "79"')
        return frozenset(codes)

    def row(self, entry: Entry, subject: Subject, source: Source, programme: str | None) -> Row:
        parts = entry.mapping(
            required=("id", "title", "when"), optional=("programme", "benefit", "source")
        )
        conditions = tuple(read_condition(item, self._vocabulary) for item in parts["when"].items())
        for condition, item in zip(conditions, parts["when"].items(), strict=True):
            self.check_subject(item, condition.fact.name, subject)
        return Row(
            id=parts["id"].text(),
            title=parts["title"].bilingual(),
            programme=parts["programme"].text() if "programme" in parts else programme,
            conditions=conditions,
            benefit=self.benefit(parts["benefit"]) if "benefit" in parts else {},
            source=self.source(parts["source"]) if "source" in parts else source,
        )

    def benefit(self, entry: Entry) -> dict[str, ParameterValue]:
        found: dict[str, ParameterValue] = {}
        for name, value in entry.pairs().items():
            if name not in self._vocabulary.parameters:
                raise value.wrong(f"unknown parameter {name!r}")
            found[name] = self._vocabulary.parameters[name].read(value)
        return found

    def check_subject(self, entry: Entry, name: str, subject: Subject) -> None:
        """A rule about households cannot ask for a fact of a person."""
        if subject is Subject.HOUSEHOLD and self._vocabulary.facts[name].subject is Subject.PERSON:
            raise entry.wrong(f"{name} is a fact of a person, the table is about households")

    def case(self, entry: Entry, subject: Subject, rows: list[str]) -> Case:
        parts = entry.mapping(required=("name", "facts", "row"))
        facts: dict[str, FactValue] = {}
        for name, value in parts["facts"].pairs().items():
            if name not in self._vocabulary.facts:
                raise value.wrong(f"unknown fact {name!r}")
            self.check_subject(value, name, subject)
            facts[name] = self._vocabulary.facts[name].read(value)
        row = None if parts["row"].is_null else parts["row"].text()
        if row is not None and row not in rows:
            raise parts["row"].wrong(f"the table has no row {row!r}")
        return Case(parts["name"].text(), complete(facts, self._vocabulary), row, entry.line)
