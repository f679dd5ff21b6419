"""What a counterpart's process is told on its command line, and its rounds until it is stopped."""

import argparse
import asyncio
import contextlib
import fcntl
import os
import sys
from collections.abc import Awaitable, Callable, Iterator
from datetime import date
from pathlib import Path

from ansinh.demo.counterpart.client import Access, Unreachable
from ansinh.demo.counterpart.control import Control, Status, read_control, say_status
from ansinh.demo.counterpart.modes import Mode

_IDLE_SECONDS, _LONGEST_PAUSE = 0.2, 5.0

Round = Callable[[Control], Awaitable[bool]]


def a_parser(name: str, service: str) -> argparse.ArgumentParser:
    """The arguments that every counterpart takes.

    Args:
        name: of the counterpart; its user too.
        service: that it speaks to.
    """
    parser = argparse.ArgumentParser(prog=f"python -m ansinh.demo.{name}")
    parser.add_argument("folder", type=Path, help="sổ sách · books, control and status files")
    parser.add_argument(
        f"--{service}", dest="service", required=True, help=f"dịch vụ · the service {service}"
    )
    parser.add_argument("--issuer", required=True, help="nơi cấp thẻ · the issuer of tokens")
    parser.add_argument("--user", default=name)
    parser.add_argument("--password", default=os.environ.get(f"ANSINH_{name.upper()}_PASSWORD", ""))
    parser.add_argument("--areas", default="*", help="mã địa bàn · area codes")
    parser.add_argument("--day", type=date.fromisoformat, help="ngày làm việc · business day")
    parser.add_argument("--mode", type=Mode, action="append", default=[], choices=list(Mode))
    parser.add_argument("--parent", type=int, help="dừng khi tiến trình này dừng · end with it")
    return parser


def access_of(given: argparse.Namespace) -> Access:
    return Access(given.service, given.issuer, given.user, given.password, given.areas)


def control_of(given: argparse.Namespace) -> Control:
    """What it was told last, or else on its command line."""
    return read_control(given.folder).or_else(given.day, frozenset(given.mode))


@contextlib.contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Two on the same books would answer twice: the second waits for the first to end."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (folder / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


async def rounds(given: argparse.Namespace, one: Round) -> None:
    """Round after round, until the parent ends; one that is down does none, and has none left.

    Args:
        given: the command line.
        one: a round; answers whether there was anything to do.
    """
    pause = _IDLE_SECONDS
    while given.parent in (None, os.getppid()):
        control = control_of(given)
        try:
            is_busy = Mode.DOWN not in control.modes and await one(control)
        except Unreachable as away:
            print(away, file=sys.stderr, flush=True)
            await asyncio.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE)
            continue
        pause = _IDLE_SECONDS
        say_status(given.folder, Status(control.serial, is_idle=not is_busy))
        if not is_busy:
            await asyncio.sleep(_IDLE_SECONDS)
