"""`python -m ansinh.demo.bank FOLDER --credit URL --issuer URL`: the bank, until it is stopped."""

import argparse
import asyncio
import contextlib

from ansinh.demo.bank.books import Books
from ansinh.demo.bank.core import Core
from ansinh.demo.bank.reading import read_accounts
from ansinh.demo.bank.reconciling import keep_reconciled, read_reconciled, reconcile
from ansinh.demo.bank.rules import Rules
from ansinh.demo.counterpart.books import FILE
from ansinh.demo.counterpart.client import Client
from ansinh.demo.counterpart.control import Control
from ansinh.demo.counterpart.running import a_parser, access_of, alone, rounds


async def _run(given: argparse.Namespace) -> None:
    with Books(given.folder / FILE) as books:
        async with Client(access_of(given)) as client:
            core = Core(books, client, Rules())

            async def one(control: Control) -> bool:
                if await core.round(control):
                    return True
                if control.reconciles and read_reconciled(given.folder, control.serial) is None:
                    accounts = read_accounts(given.folder / FILE)
                    found = await reconcile(client, accounts, control.today, control.modes)
                    keep_reconciled(given.folder, control.serial, found)
                return False

            await rounds(given, one)


def main() -> None:
    given = a_parser("bank", "credit").parse_args()
    with alone(given.folder), contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_run(given))


if __name__ == "__main__":
    main()
