"""`python -m ansinh.demo.insurer FOLDER --eligibility URL --issuer URL`: the insurer, until it is
stopped. Where it is told stands in its folder.
"""

import argparse
import asyncio
import contextlib

from ansinh.demo.counterpart.books import FILE
from ansinh.demo.counterpart.client import Client
from ansinh.demo.counterpart.running import a_parser, access_of, alone, control_of, rounds
from ansinh.demo.insurer.address import read_address
from ansinh.demo.insurer.books import Books
from ansinh.demo.insurer.desk import Desk
from ansinh.demo.insurer.receiver import Receiver
from ansinh.demo.insurer.rules import Rules
from libs.common.roles import serve


async def _run(given: argparse.Namespace) -> None:
    address, stop = read_address(given.folder), asyncio.Event()
    with Books(given.folder / FILE) as books:
        receiver = Receiver(books, address.secrets, lambda: control_of(given).modes)
        async with Client(access_of(given)) as client, asyncio.TaskGroup() as group:
            serving = group.create_task(serve(receiver, "127.0.0.1", address.port, stop))
            try:
                await rounds(given, Desk(books, client, Rules()).round)
            finally:
                stop.set()
            await serving


def main() -> None:
    given = a_parser("insurer", "eligibility").parse_args()
    with alone(given.folder), contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_run(given))


if __name__ == "__main__":
    main()
