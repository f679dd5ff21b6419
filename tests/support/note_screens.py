"""A page of the tests' own over the notes: one form, with everything that the door promises."""

from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from libs.common.problems import Text
from libs.common.security.roles import Role
from libs.common.service import Screens, Service
from libs.common.web import Edge, allow
from libs.common.web.screens import render, see_other
from tests.support.notes import Note, write

router = APIRouter(prefix="/households")  # where the screens begin
Officer = Annotated[Edge, Depends(allow(Role.OFFICER))]


@router.get("")
async def form(request: Request, edge: Officer) -> Response:
    count = await edge.tx.fetchval("SELECT count(*) FROM note")
    return render(request, "notes/note.html", Text("Ghi chú", "Note"), count=count)


@router.post("")
async def send(request: Request, note: Note, edge: Officer) -> Response:
    await write(note, edge)
    return see_other(request, "/households")


SCREENS = Screens((router,), (), {"notes": Path(__file__).parent / "templates"})
SERVICE = Service("registry", Text("Thử", "Trial"), (), screens=SCREENS)
