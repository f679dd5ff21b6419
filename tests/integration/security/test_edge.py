"""The edge's promises, on a small service of its own over a real database."""

import asyncio
from typing import Annotated

import asyncpg
import httpx
import pytest
from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from libs.common.problems import Text
from libs.common.security.roles import Role
from libs.common.service import Service
from libs.common.web import Edge, Page, PageQuery, allow, page_of
from tests.conftest import MakeDatabase
from tests.support.edge import bearer, open_client
from tests.support.servers import ServiceDatabase

_TABLE = """
CREATE TABLE note (id int PRIMARY KEY, commune text NOT NULL, words text NOT NULL,
  UNIQUE (words) DEFERRABLE INITIALLY DEFERRED);
ALTER TABLE note ENABLE ROW LEVEL SECURITY;
ALTER TABLE note FORCE ROW LEVEL SECURITY;
CREATE POLICY by_commune ON note TO ansinh_registry_api
  USING ((SELECT current_setting('ansinh.scope', true)) = '*'
    OR commune = ANY (string_to_array((SELECT current_setting('ansinh.scope', true)), ',')));
GRANT SELECT, INSERT ON note TO ansinh_registry_api;
"""


class Note(BaseModel):
    id: int = Field(ge=1)
    commune: str = Field(pattern=r"^\d{5}$")
    words: str


router = APIRouter(prefix="/notes", tags=["notes"])


@router.post("", status_code=201)
async def write(note: Note, edge: Annotated[Edge, Depends(allow(Role.OFFICER))]) -> Note:
    await edge.tx.execute("INSERT INTO note VALUES ($1, $2, $3)", note.id, note.commune, note.words)
    if note.words == "then fail":
        raise RuntimeError("a secret of a person")
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


SERVICE = Service("registry", Text("Thử", "Trial"), (router,))
OFFICER = bearer(Role.OFFICER)


@pytest.fixture
async def database(make_database: MakeDatabase) -> ServiceDatabase:
    made = await make_database("registry")
    owner = await asyncpg.connect(made.owner_dsn)
    try:
        await owner.execute(_TABLE)
    finally:
        await owner.close()
    return made


async def notes(client: httpx.AsyncClient) -> list[int]:
    answer = await client.get("/v1/notes", headers=OFFICER)
    assert answer.status_code == 200
    return [note["id"] for note in answer.json()["items"]]


def a_note(number: int, words: str | None = None, commune: str = "01882") -> dict[str, object]:
    return {"id": number, "commune": commune, "words": words or f"note {number}"}


async def test_a_write_stands_once_it_is_answered(database: ServiceDatabase) -> None:
    async with open_client(SERVICE, database) as client:
        answer = await client.post("/v1/notes", json=a_note(1), headers=OFFICER)
        assert (answer.status_code, answer.json()) == (201, a_note(1))
        assert await notes(client) == [1]


async def test_a_commit_that_fails_is_an_error_and_leaves_nothing(
    database: ServiceDatabase,
) -> None:
    async with open_client(SERVICE, database) as client:
        await client.post("/v1/notes", json=a_note(1, "same"), headers=OFFICER)
        answer = await client.post("/v1/notes", json=a_note(2, "same"), headers=OFFICER)
        assert answer.status_code == 409
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["errors"][0]["rule"] == "database.note_words_key"
        assert await notes(client) == [1]


async def test_an_endpoint_that_fails_leaves_nothing_and_says_nothing_personal(
    database: ServiceDatabase, caplog: pytest.LogCaptureFixture
) -> None:
    async with open_client(SERVICE, database) as client:
        answer = await client.post("/v1/notes", json=a_note(1, "then fail"), headers=OFFICER)
        assert answer.status_code == 500
        assert "secret" not in answer.text + caplog.text
        assert await notes(client) == []


async def test_no_token_wrong_role_other_area(database: ServiceDatabase) -> None:
    async with open_client(SERVICE, database) as client:
        await client.post("/v1/notes", json=a_note(1), headers=OFFICER)
        assert (await client.get("/v1/notes")).status_code == 401
        assert (await client.get("/v1/notes", headers=bearer(Role.BANK))).status_code == 403
        elsewhere = await client.get("/v1/notes", headers=bearer(Role.OFFICER, areas=["01900"]))
        assert elsewhere.json()["items"] == []
        nowhere = await client.get("/v1/notes", headers=bearer(Role.OFFICER, areas=[]))
        assert nowhere.json()["items"] == []
        abroad = await client.post(
            "/v1/notes", json=a_note(2), headers=bearer(Role.OFFICER, areas=["01900"])
        )
        assert abroad.status_code == 403


async def test_pages_follow_each_other_to_the_end(database: ServiceDatabase) -> None:
    async with open_client(SERVICE, database) as client:
        for number in (1, 2, 3):
            await client.post("/v1/notes", json=a_note(number), headers=OFFICER)
        first = (await client.get("/v1/notes?limit=2", headers=OFFICER)).json()
        last = (await client.get(f"/v1/notes?after={first['next']}", headers=OFFICER)).json()
        assert [note["id"] for note in first["items"] + last["items"]] == [1, 2, 3]
        assert last["next"] is None


async def test_two_at_once_each_have_their_transaction(database: ServiceDatabase) -> None:
    async with open_client(SERVICE, database) as client:
        answers = await asyncio.gather(
            *(client.post("/v1/notes", json=a_note(n), headers=OFFICER) for n in range(1, 11))
        )
        assert {answer.status_code for answer in answers} == {201}
        assert await notes(client) == list(range(1, 11))
