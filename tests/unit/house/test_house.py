"""The rules of the house that no other tool checks: sizes, addresses, the lock."""

import re
import subprocess
from pathlib import Path

from tests.support.servers import repository

MOST_LINES = 400
# Generated or declarative files may be longer.
LENGTH_EXEMPT = ("migrations/versions/", "clients/python/")


def _tracked(*patterns: str) -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", *patterns],
        cwd=repository(),
        capture_output=True,
        check=True,
        text=True,
    ).stdout
    paths = [repository() / name for name in listed.split("\0") if name]
    return [path for path in paths if path.is_file()]


def test_no_file_is_longer_than_a_reader_can_hold() -> None:
    lengths = {
        str(path.relative_to(repository())): len(path.read_text(encoding="utf-8").splitlines())
        for path in _tracked("*.py")
        if not any(part in str(path) for part in LENGTH_EXEMPT)
    }
    assert {path: lines for path, lines in lengths.items() if lines > MOST_LINES} == {}


def test_no_address_of_a_package_index_is_committed() -> None:
    index = re.compile(r"(?<!emit-)(index-url|find-links)|pypi\.(org|python)|/simple/")
    guilty = [
        f"{path.relative_to(repository())}:{number}"
        for path in _tracked()
        if path.suffix not in (".csv", ".json") and path != Path(__file__)
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if index.search(line)
    ]
    assert guilty == []


def test_every_locked_package_has_hashes() -> None:
    lock = (repository() / "requirements.lock").read_text(encoding="utf-8")
    entries = re.split(r"\n(?=[a-z0-9])", lock.strip())
    assert len(entries) > 50
    assert [entry.split()[0] for entry in entries if "--hash=sha256:" not in entry] == []


def test_domain_modules_read_no_clock() -> None:
    clock = re.compile(r"\b(datetime\.now|date\.today|time\.time|utcnow|SystemClock)\b")
    guilty = [
        str(path.relative_to(repository()))
        for path in _tracked("services/*/*/domain.py", "libs/common/policy/*.py")
        if clock.search(path.read_text(encoding="utf-8"))
    ]
    assert guilty == []
