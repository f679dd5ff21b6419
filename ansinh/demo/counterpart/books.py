"""A counterpart's own books: one SQLite file.

What it is going to tell An Sinh is written here first, as a promise, and committed. Whatever kills
the process, the promise is found again and told again, word for word; what An Sinh has taken is
ticked off.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import date
from pathlib import Path
from typing import Any, Self

FILE = "books.sqlite3"
MOST_REFUSALS = 8  # then a write is left to a person
_PROBLEMS = "SELECT code, count(*) AS many FROM problem GROUP BY code"
_SCHEMA = """
PRAGMA journal_mode = WAL;
PRAGMA synchronous = FULL;  -- what is committed has reached the disk, also when the machine dies
CREATE TABLE IF NOT EXISTS problem (
  problem_id INTEGER PRIMARY KEY, write TEXT NOT NULL, recorded_on TEXT NOT NULL,
  status INTEGER NOT NULL, code TEXT NOT NULL, detail TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS problem_of_write ON problem (write);
"""


class OpenBooks:
    """The open books; one process at a time writes them.

    Args:
        path: of the file.
        schema: the counterpart's own tables; safe to run again.
    """

    def __init__(self, path: Path, schema: str) -> None:
        self._db = sqlite3.connect(path, isolation_level=None)
        self._db.row_factory = sqlite3.Row
        self._db.executescript(_SCHEMA + schema)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._db.close()

    @contextmanager
    def writing(self) -> Iterator[None]:
        """All of the block is written, or nothing."""
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    def record_problem(self, write: str, day: date, status: int, code: str, detail: str) -> int:
        """Keep what An Sinh says against a write; answers how often it has."""
        self._run(
            "INSERT INTO problem (write, recorded_on, status, code, detail) VALUES (?, ?, ?, ?, ?)",
            write,
            day.isoformat(),
            status,
            code,
            detail,
        )
        return self.refusals_of(write)

    def refusals_of(self, write: str) -> int:
        row = self._one("SELECT count(*) AS many FROM problem WHERE write = ?", write)
        return 0 if row is None else row["many"]

    def _run(self, statement: str, *values: object) -> None:
        self._db.execute(statement, values)

    def _one(self, statement: str, *values: object) -> Any:
        return self._db.execute(statement, values).fetchone()

    def _all(self, statement: str, *values: object) -> list[Any]:
        return self._db.execute(statement, values).fetchall()


def read_all(path: Path, statement: str) -> list[Any]:
    """Rows of the books as an auditor reads them, also while the counterpart works."""
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as db:
        db.row_factory = sqlite3.Row
        return db.execute(statement).fetchall()


def read_problems(path: Path) -> dict[str, int]:
    """How often An Sinh refused a write, by its reason."""
    return {row["code"]: row["many"] for row in read_all(path, _PROBLEMS)}
