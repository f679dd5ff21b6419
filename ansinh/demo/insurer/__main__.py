"""`python -m ansinh.demo.insurer FOLDER --eligibility URL --issuer URL --port N`: the insurer,
until it is stopped. Its endpoint's secrets stand in ANSINH_INSURER_SECRETS, with spaces between.
"""

import argparse
import asyncio
import contextlib
import os

from ansinh.demo.counterpart.books import FILE
from ansinh.demo.counterpart.client import Client
from ansinh.demo.counterpart.running import a_parser, access_of, alone, control_of, rounds
from ansinh.demo.insurer.books import Books
from ansinh.demo.insurer.desk import Desk
from ansinh.demo.insurer.receiver import Receiver
from ansinh.demo.insurer.rules import Rules
from libs.common.roles import serve


async def _run(given: argparse.Namespace) -> None:
    secrets, stop = os.environ.get("ANSINH_INSURER_SECRETS", "").split(), asyncio.Event()
    with Books(given.folder / FILE) as books:
        receiver = Receiver(books, secrets, lambda: control_of(given).modes)
        async with Client(access_of(given)) as client, asyncio.TaskGroup() as group:
            serving = group.create_task(serve(receiver, "127.0.0.1", given.port, stop))
            try:
                await rounds(given, Desk(books, client, Rules()).round)
            finally:
                stop.set()
            await serving


def main() -> None:
    parser = a_parser("insurer", "eligibility")
    parser.add_argument("--port", type=int, required=True, help="nhận webhook · for webhooks")
    given = parser.parse_args()
    with alone(given.folder), contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_run(given))


if __name__ == "__main__":
    main()
