"""The tables' own test cases."""

from collections.abc import Iterator

from libs.common.policy.book import Book


def failed_cases(book: Book) -> Iterator[str]:
    """One line per case that does not give its row: its place, what it expects, what it gets."""
    for table in book.tables:
        for case in table.cases:
            row = table.deciding_row(case.facts)
            given = row.id if row else None
            if given != case.row:
                yield (
                    f"{table.file}:{case.line}: {table.id}, case {case.name!r}: "
                    f"expected {case.row}, got {given}"
                )
