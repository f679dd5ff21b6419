"""Exports over HTTP: the households of the caller's areas as a table, in parts."""

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response

from libs.common.files.streaming import stream_download
from libs.common.files.writing import DOWNLOAD, Format, Value
from libs.common.security.roles import Role
from libs.common.web import Edge, allow
from libs.common.web.act import SCOPE_KEY, Act
from services.registry.exports.reading import read_pages
from services.registry.households.schemas import CommuneCode
from services.registry.households.territory import territory_of
from services.registry.imports.form import FORM
from services.registry.rights.showing import clear_for
from services.registry.vault import acts as vault
from services.registry.vault.domain import Identity

router = APIRouter(prefix="/exports", tags=["Xuất tệp / Exports"])
Reader = Annotated[Edge, Depends(allow(Role.OFFICER, Role.PROVINCE))]


@router.get(
    "/households",
    response_class=Response,
    responses=DOWNLOAD,
    summary="Các hộ thành tệp / Households as a file",
)
async def get_households(
    edge: Reader,
    request: Request,
    form: Annotated[Format, Query(alias="format")] = Format.XLSX,
    commune: CommuneCode | None = None,
    after: Annotated[UUID | None, Query(description="Tiếp sau hộ này / go on after it")] = None,
) -> Response:
    """A line per present member, in the form of `/v1/imports`: correct it and send it there. Names,
    numbers and addresses stand in it where a registered purpose is stated (`X-Purpose`). Every
    household is on the audit trail before its lines leave. A large area takes longer than one
    request may: go on after the last household, or commune by commune. Of a commune that has ended:
    who came from it and lives in its successors (`X-Area-Geography`).
    """
    await clear_for(edge, ())  # a purpose that may not be stated is refused before the first line
    act: Act = request.scope[SCOPE_KEY]
    where = await territory_of(edge, commune)

    async def open_names(people: Sequence[UUID]) -> Mapping[UUID, Identity]:
        clear = await clear_for(edge, people)
        return await vault.read(edge.tx, edge.vault, sorted(clear)) if clear else {}

    async def pages() -> AsyncIterator[Sequence[Sequence[Value]]]:
        today = edge.clock.today()
        async for ids, lines in read_pages(edge.tx, open_names, where, after, today):
            await act.account_part("household", ids)
            yield lines

    return stream_download(form, f"households-{commune or 'all'}", FORM.titles, pages())
