"""Two imports of a commune, for tests of who may see them."""

import hashlib
from datetime import date
from uuid import UUID

from libs.common.clock import FixedDayClock
from libs.common.ids import new_id
from libs.common.security.caller import Caller
from libs.common.security.roles import Role
from services.registry.imports import acts
from services.registry.imports.schemas import ImportIn
from services.registry.imports.work import run_imports
from tests.support.servers import ServiceDatabase
from tests.support.vault import VAULT


async def send_imports(
    database: ServiceDatabase, commune: str, household: UUID, day: date
) -> tuple[UUID, UUID]:
    """One that is still being sent, and one that is checked and names the place's household."""
    line = f"{household},01,{commune},Lý Thị Mai,Chủ hộ,1980,Nữ,Tày"
    header = "Mã hộ An Sinh,Mã hộ,Mã xã,Họ và tên,Quan hệ với chủ hộ,Năm sinh,Giới tính,Dân tộc"
    sent: list[UUID] = []
    async with database.as_api() as connections:
        for content in (f"{header}\n{line}", f"{header}\n\n{line}"):
            file = content.encode()
            body = ImportIn(digest=hashlib.sha256(file).hexdigest(), effective_on=day)
            caller = Caller("tester", frozenset({Role.OFFICER}), (commune,))
            async with connections.transaction(commune) as tx:
                one = await acts.open_import(tx, body, caller, new_id())
                await acts.keep_part(tx, VAULT, one.import_id, 1, file)
                if sent:
                    await acts.close(tx, one.import_id, 1)
            sent.append(one.import_id)
    async with database.as_worker() as worker:
        await run_imports(worker, FixedDayClock(day), VAULT)
    return sent[0], sent[1]
