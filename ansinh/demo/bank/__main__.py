"""`python -m ansinh.demo.bank FOLDER --credit URL --issuer URL`: the bank, until it is stopped."""

import argparse
import asyncio
import contextlib
import fcntl
import os
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from ansinh.demo.bank.books import FILE, Books
from ansinh.demo.bank.client import Access, Client, Unreachable
from ansinh.demo.bank.control import Status, read_control, say_status
from ansinh.demo.bank.core import Core
from ansinh.demo.bank.modes import Mode
from ansinh.demo.bank.rules import Rules

_IDLE_SECONDS, _LONGEST_PAUSE = 0.2, 5.0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m ansinh.demo.bank")
    parser.add_argument("folder", type=Path, help="sổ sách · books, control and status files")
    parser.add_argument("--credit", required=True, help="dịch vụ tín dụng · the credit service")
    parser.add_argument("--issuer", required=True, help="nơi cấp thẻ · the issuer of tokens")
    parser.add_argument("--user", default="bank")
    parser.add_argument("--password", default=os.environ.get("ANSINH_BANK_PASSWORD", ""))
    parser.add_argument("--areas", default="*", help="mã địa bàn · area codes")
    parser.add_argument("--day", type=date.fromisoformat, help="ngày làm việc · business day")
    parser.add_argument("--mode", type=Mode, action="append", default=[], choices=list(Mode))
    parser.add_argument("--parent", type=int, help="dừng khi tiến trình này dừng · end with it")
    return parser.parse_args()


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Two banks on the same books would answer twice: the second waits for the first to end."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (folder / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


async def _run(given: argparse.Namespace) -> None:
    access = Access(given.credit, given.issuer, given.user, given.password, given.areas)
    pause = _IDLE_SECONDS
    with Books(given.folder / FILE) as books:
        async with Client(access) as client:
            core = Core(books, client, Rules())
            while given.parent in (None, os.getppid()):
                control = read_control(given.folder).or_else(given.day, frozenset(given.mode))
                try:
                    is_busy = await core.round(control)
                except Unreachable as away:
                    print(away, file=sys.stderr, flush=True)
                    await asyncio.sleep(pause)
                    pause = min(2 * pause, _LONGEST_PAUSE)
                    continue
                pause = _IDLE_SECONDS
                say_status(given.folder, Status(control.serial, is_idle=not is_busy))
                if not is_busy:
                    await asyncio.sleep(_IDLE_SECONDS)


def main() -> None:
    given = _arguments()
    with _alone(given.folder), contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_run(given))


if __name__ == "__main__":
    main()
