"""The comparison's job of credit as a process that can be killed: `ANSINH_FAULTS` says where.

python -m tests.support.reconciler DSN
"""

import asyncio
import sys

from libs.common.clock import SystemClock
from libs.common.database import Database
from libs.common.partners.reconciling.work import compare
from services.credit.reconciling.store import LISTS


async def main(dsn: str) -> None:
    async with await Database.connect(dsn, SystemClock(), application="reconciler") as database:
        await compare(database, LISTS)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
