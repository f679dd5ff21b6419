"""Every law directory of the program: it loads, its own cases hold, its pieces fit together."""

from pathlib import Path

import pytest

from libs.common.policy import Book, Table, load_book
from libs.common.policy.listing import replace_listing
from libs.common.policy.model import Case
from libs.common.vocabulary import AreaKind, Designation, Disability, Schooling, StatusClass
from services.credit.terms.domain import terms_book
from services.eligibility.catalogue.domain import catalogue
from services.registry.standards.domain import standards, standards_book
from tests.support.servers import repository

PAGE_ORDER = (
    "registry/standards",
    "registry/changes",
    "eligibility/catalogue",
    "credit/terms",
    "credit/loans",
    "credit/groups",
    "registry/rights",
)
DIRECTORIES = sorted(path.parent for path in repository().glob("services/*/*/law/facts.yaml"))
BOOKS = [load_book(directory) for directory in DIRECTORIES]
CASES = [(table, case) for book in BOOKS for table in book.tables for case in table.cases]


def test_the_laws_are_there() -> None:
    names = [str(path.relative_to(repository())) for path in DIRECTORIES]
    assert names == [
        "services/credit/groups/law",
        "services/credit/loans/law",
        "services/credit/terms/law",
        "services/eligibility/catalogue/law",
        "services/registry/changes/law",
        "services/registry/rights/law",
        "services/registry/standards/law",
    ]


@pytest.mark.parametrize(
    ("table", "case"), CASES, ids=[f"{t.id}@{t.effective}:{c.name}" for t, c in CASES]
)
def test_a_tables_own_case(table: Table, case: Case) -> None:
    row = table.deciding_row(case.facts)
    assert (row.id if row else None) == case.row


@pytest.mark.parametrize("book", BOOKS, ids=[str(path.parts[-3]) for path in DIRECTORIES])
def test_every_row_is_tried_by_a_case(book: Book) -> None:
    untried = [
        f"{table.id}@{table.effective}: {row.id}"
        for table in book.tables
        for row in table.rows
        if row.id not in {case.row for case in table.cases}
    ]
    assert [entry for entry in untried if not entry.endswith(("_zone", "_urban", "_rural"))] == []


@pytest.mark.parametrize(
    ("fact", "words"),
    [
        ("national_class", {*StatusClass, "unclassified"}),
        ("disability", set(Disability)),
        ("schooling", set(Schooling)),
        ("designations", set(Designation)),
    ],
)
def test_the_facts_speak_the_shared_words(fact: str, words: set[str]) -> None:
    assert set(catalogue().book.vocabulary.facts[fact].values) == {str(word) for word in words}


def test_kinds_of_communes_are_the_shared_ones() -> None:
    for book in (catalogue().book, standards_book()):
        assert set(book.vocabulary.facts["area_kind"].values) <= {kind.value for kind in AreaKind}


def test_eligibility_and_registry_agree_on_the_national_standards() -> None:
    periods: dict[str, list[Table]] = {}
    for table in catalogue().book.versions("standard.national"):
        periods.setdefault(str(table.rows[0].benefit["standard"]), []).append(table)
    national = {code: s for code, s in standards().items() if not s.provinces}
    assert set(periods) == set(national)
    for code, versions in periods.items():
        assert versions[0].effective == national[code].applies_from
        assert versions[-1].until == national[code].applies_until


def test_every_loan_programme_has_terms() -> None:
    programmes = {
        programme.partition(".")[2]
        for table in catalogue().book.tables
        for programme in table.programmes
        if programme.startswith("credit.")
    }
    assert {f"terms.{code}" for code in programmes} <= {table.id for table in terms_book().tables}


def test_every_insurance_row_says_support_and_benefit() -> None:
    for table in catalogue().book.tables:
        for row in table.rows:
            if row.programme and row.programme.startswith("insurance."):
                assert set(row.benefit) == {"support_percent", "benefit_percent"}


def test_the_page_of_the_law_is_up_to_date() -> None:
    names = [f"services/{part}/law" for part in PAGE_ORDER]
    books = {name: load_book(repository() / name) for name in names}
    page = (repository() / "docs/law.md").read_text("utf-8")
    assert page == replace_listing(page, books)


def test_unread_law_is_marked() -> None:
    marks = {
        (Path(table.file).parts[-4], table.id)
        for book in BOOKS
        for table in book.tables
        if not table.source.is_confirmed
    }
    assert ("eligibility", "insurance.order") in marks
    assert ("eligibility", "person.birthday") in marks
    assert ("credit", "terms.01") in marks
