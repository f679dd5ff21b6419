"""A small service of the tests' own: notes in communes, with everything the edge promises."""

from collections.abc import AsyncIterator
from typing import Annotated
from uuid import UUID

import asyncpg
from fastapi import APIRouter, Depends
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict, Field

from libs.common.areas.store import keep
from libs.common.problems import Text
from libs.common.security.roles import Role
from libs.common.service import Service
from libs.common.vocabulary import AreaLevel
from libs.common.web import Edge, Page, PageQuery, allow, page_of
from tests.support.areas import a_unit
from tests.support.edge import bearer
from tests.support.servers import ServiceDatabase

_SCOPE = "(SELECT current_setting('ansinh.scope', true))"
_TABLE = f"""
CREATE TABLE note (id int PRIMARY KEY, commune text NOT NULL, words text NOT NULL,
  UNIQUE (words) DEFERRABLE INITIALLY DEFERRED);
ALTER TABLE note ENABLE ROW LEVEL SECURITY;
ALTER TABLE note FORCE ROW LEVEL SECURITY;
CREATE POLICY by_commune ON note TO ansinh_registry_api
  USING ({_SCOPE} = '*' OR commune = ANY (string_to_array({_SCOPE}, ',')));
GRANT SELECT, INSERT ON note TO ansinh_registry_api;
"""

OFFICER = bearer(Role.OFFICER)


class Note(BaseModel):
    """One note."""

    model_config = ConfigDict(extra="forbid")

    id: int = Field(ge=1)
    commune: str = Field(pattern=r"^\d{5}$")
    words: str = Field(max_length=40)


router = APIRouter(prefix="/notes", tags=["notes"])
Officer = Annotated[Edge, Depends(allow(Role.OFFICER))]


@router.post("", status_code=201)
async def write(note: Note, edge: Officer) -> Note:
    await edge.tx.execute("INSERT INTO note VALUES ($1, $2, $3)", note.id, note.commune, note.words)
    if note.words == "then fail":
        raise RuntimeError("a secret of a person")
    if note.words == "then linger":
        await edge.tx.execute("SELECT pg_sleep(0.5)")
    return note


@router.get("")
async def read(
    page: PageQuery, edge: Annotated[Edge, Depends(allow(Role.OFFICER, Role.AUDITOR))]
) -> Page[Note]:
    after = int(page.after[0]) if page.after else 0
    rows = await edge.tx.fetch(
        "SELECT * FROM note WHERE id > $1 ORDER BY id LIMIT $2", after, page.limit + 1
    )
    return page_of(rows, page, lambda row: Note(**dict(row)), lambda row: row["id"])


@router.get("/of/{household_id}")
async def read_one(household_id: UUID, edge: Officer) -> dict[str, str]:
    return {"household_id": str(household_id)}


@router.get("/export/{household_id}")
async def export(household_id: UUID, edge: Officer) -> StreamingResponse:
    async def lines() -> AsyncIterator[str]:
        for row in await edge.tx.fetch("SELECT id FROM note ORDER BY id"):
            yield f"{row['id']}\n"

    return StreamingResponse(lines(), media_type="text/plain")


@router.post("/slow")
async def slow(edge: Officer) -> None:
    await edge.tx.execute("SELECT pg_sleep(30)")


SERVICE = Service("registry", Text("Thử", "Trial"), (router,))


async def prepare(database: ServiceDatabase) -> None:
    """Add the service's table and two communes to a registry database."""
    owner = await asyncpg.connect(database.owner_dsn)
    try:
        await owner.execute(_TABLE)
    finally:
        await owner.close()
    async with database.as_worker() as connections, connections.transaction() as tx:
        await keep(tx, [(1, a_unit(AreaLevel.COMMUNE, code)) for code in ("01882", "01900")])


def a_note(number: int, words: str | None = None, commune: str = "01882") -> dict[str, object]:
    """The body of one note."""
    return {"id": number, "commune": commune, "words": words or f"note {number}"}
