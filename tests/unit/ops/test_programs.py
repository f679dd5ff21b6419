"""PostgreSQL's programs are led to the database as our own connections are, and quote nobody."""

import pytest

from ansinh.ops.programs import complaint_of, connection_of


def test_what_the_dsn_says_of_tls_reaches_the_program() -> None:
    dsn = "postgresql://own%40er:se%40cret@db.example:6432/postgres?sslmode=verify-full&sslrootcert=/ca.pem"
    arguments, environment = connection_of(dsn, "ansinh_credit")
    assert arguments == ["-h", "db.example", "-p", "6432", "-d", "ansinh_credit"]
    assert environment["PGSSLMODE"] == "verify-full"
    assert environment["PGSSLROOTCERT"] == "/ca.pem"
    assert (environment["PGUSER"], environment["PGPASSWORD"]) == ("own@er", "se@cret")


def test_a_socket_in_the_query_is_used() -> None:
    arguments, _ = connection_of("postgresql:///postgres?host=/run/pg&port=5433&user=x", "a")
    assert arguments == ["-h", "/run/pg", "-p", "5433", "-d", "a"]


@pytest.mark.parametrize(
    ("said", "passed_on"),
    [
        (
            'pg_restore: error: COPY failed for table "person": ERROR:  invalid input syntax for '
            'type date: "Nguyễn Văn A"\nCONTEXT:  COPY person, line 1: "Nguyễn Văn A"',
            'pg_restore: error: COPY failed for table "person": invalid input syntax',
        ),
        (
            "pg_restore: error: could not execute query: ERROR:  could not create unique index\n"
            "DETAIL:  Key (name)=(Nguyễn Văn A) is duplicated.",
            "pg_restore: error: could not execute query",
        ),
        (
            'pg_dump: error: connection to server at "127.0.0.1", port 5432 failed: FATAL:  '
            'database "ansinh_x" does not exist',
            'pg_dump: error: connection to server at "127.0.0.1", port 5432 failed: does not exist',
        ),
        ("Nguyễn Văn A", "?"),
    ],
)
def test_the_servers_words_are_not_passed_on(said: str, passed_on: str) -> None:
    assert complaint_of(said) == passed_on
