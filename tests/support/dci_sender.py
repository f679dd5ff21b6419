"""The registry's role `send` as a process of its own, to be killed: DSN and day are arguments."""

import asyncio
import sys
from dataclasses import replace
from datetime import date

from libs.common.clock import FixedDayClock
from libs.common.database import Database
from libs.common.messaging.transports import local
from libs.common.partners.webhooks.addresses import LOOPBACK, Networks
from libs.common.partners.webhooks.settings import PartnerSettings
from libs.common.roles import RoleName, background_roles
from libs.common.service import Service
from services.registry.app import build
from tests.support.dci import DCI
from tests.support.partners import KEYS
from tests.support.vault import VAULT


async def run(dsn: str, day: date) -> None:
    """Everything that the role does, until killed."""
    clock = FixedDayClock(day)
    service: Service = replace(build(), ticks=())
    partners = PartnerSettings(KEYS, Networks(LOOPBACK), dci=DCI, vault=VAULT)
    transport = local.connect({"registry": dsn})
    async with (
        await Database.connect(dsn, clock, application="test-sender") as database,
        asyncio.TaskGroup() as group,
    ):
        for loop in background_roles(
            service,
            frozenset({RoleName.SEND}),
            database,
            transport,
            clock,
            asyncio.Event(),
            partners=partners,
        ):
            group.create_task(loop)


if __name__ == "__main__":
    asyncio.run(run(sys.argv[1], date.fromisoformat(sys.argv[2])))
