"""`docs/partners.md` followed to the letter: the command that it starts with, then every block; and
what `docs/dci.md` says under "Try it", in the same sandbox."""

import os
import re
import secrets
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio

from tests.support.doors import free_port
from tests.support.platforms import POOL_SIZE
from tests.support.seats import a_seat
from tests.support.servers import admin_dsn, repository, run_prefix, share_password
from tests.support.settled import copy_settled

GUIDE = (repository() / "docs/partners.md").read_text(encoding="utf-8")
DCI = (repository() / "docs/dci.md").read_text(encoding="utf-8").partition("## Try it")[2]
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
START = "make sandbox\n"
MARK = "=== block"
LONGEST_SECONDS = 90


@dataclass
class Step:
    """A block of commands, and what the guide says that it prints; None: nothing is said."""

    commands: str
    printed: str | None = None


def steps(page: str = GUIDE) -> list[Step]:
    found: list[Step] = []
    for language, text in FENCE.findall(page):
        if language == "sh":
            found.append(Step(text))
        elif language == "text":
            found[-1].printed = text
    return found


@pytest_asyncio.fixture
async def sandbox(tmp_path: Path) -> AsyncIterator[Path]:
    """A data folder whose databases know the areas already: loading them takes most of a start."""
    home = tmp_path / "data" / "sandbox"
    prefix = f"{run_prefix()}{secrets.token_hex(3)}_"
    share_password(home)
    (home / "prefix").write_text(prefix, encoding="utf-8")
    async with a_seat():
        await copy_settled(prefix)
        yield home.parent


@pytest.fixture
def port(sandbox: Path) -> Iterator[int]:
    """Where the command of the first block serves it."""
    chosen = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "ansinh", "sandbox"],
        cwd=repository(),
        env={
            **{name: value for name, value in os.environ.items() if name not in ("SEED", "EXIT")},
            "ANSINH_DATA_FOLDER": str(sandbox),
            "ANSINH_POSTGRES_URL": admin_dsn(),
            "ANSINH_POOL_SIZE": str(POOL_SIZE),
            "PORT": str(chosen),
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout is not None
    said = []
    try:
        for line in process.stdout:
            said.append(line)
            if "running at" in line:
                break
        else:
            pytest.fail("".join(said))
        yield chosen
    finally:
        process.send_signal(signal.SIGTERM)
        out, _ = process.communicate(timeout=60)
    assert process.returncode == 0, out


def test_the_first_block_starts_the_sandbox() -> None:
    makefile = (repository() / "Makefile").read_text(encoding="utf-8")
    assert steps()[0].commands == START
    assert re.search(r"^sandbox: .*\n\t@\$\(BIN\)/ansinh sandbox$", makefile, re.MULTILINE)


def test_every_command_does_what_the_guides_say(port: int, tmp_path: Path) -> None:
    wanted = [*steps()[1:], *steps(DCI)]
    script = f"export ANSINH_URL=http://localhost:{port}"
    script += "".join(f"\necho '{MARK}'\n{step.commands}" for step in wanted)
    script = script.replace("localhost:8000", f"localhost:{port}")
    script = script.replace("9100", str(free_port()))
    out = follow(script, tmp_path)
    printed = out.split(f"{MARK}\n")[1:]
    assert len(printed) == len(wanted), out
    for step, text in zip(wanted, printed, strict=True):
        assert step.printed is None or text == step.printed, step.commands


def test_the_guide_leads_to_files_that_exist() -> None:
    links = re.findall(r"\]\((?!http)([^)#]+)", GUIDE)
    assert len(links) > 5
    assert [link for link in links if not (repository() / "docs" / link).is_file()] == []


def follow(script: str, folder: Path) -> str:
    """What a shell prints that stops at the first command that fails."""
    printed = folder / "printed"
    with printed.open("w") as out:  # no pipe: what runs in the background would keep it open
        process = subprocess.Popen(
            ["bash", "-euo", "pipefail", "-c", script],
            cwd=folder,
            env={**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"},
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        code = process.wait(LONGEST_SECONDS)
    except subprocess.TimeoutExpired:
        code = None
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    text = printed.read_text(encoding="utf-8")
    assert code == 0, text
    return text
