"""The front page and the household timeline, server-rendered, Vietnamese first.

The pages ask the services' public APIs like anyone else. They are part of the embedded default and
take their tokens from the development issuer.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import httpx
from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ansinh.console.rendering import language_of, render, say_of
from ansinh.ops.client import Operator
from ansinh.trace import Trace, add_partners, road_of
from libs.common.clock import VIETNAM
from libs.common.problems import Text
from libs.common.security.issuer import DevelopmentIssuer
from libs.common.security.roles import Role
from libs.common.service import Service


@dataclass(frozen=True)
class Mounted:
    """A service and its application."""

    service: Service
    app: FastAPI


def console(
    mounted: Mapping[str, Mounted], issuer: DevelopmentIssuer, operator: Operator
) -> Starlette:
    """The application of both pages, mounted at the root.

    Args:
        mounted: the four services by name.
        issuer: makes the token with which the timeline is read.
        operator: asks which partners were told, and what they answered.
    """

    telling = [name for name, one in mounted.items() if one.service.partners is not None]

    async def home(request: Request) -> Response:
        listed = [
            {
                "name": name,
                "title": one.service.title,
                "routes": _routes(one.app, language_of(request)),
            }
            for name, one in mounted.items()
        ]
        return render(request, "home.html", "An Sinh", services=listed)

    async def timeline(request: Request) -> Response:
        title = say_of(request)("Dòng thời gian của hộ", "Household timeline")
        try:
            household = UUID(request.query_params.get("household", ""))
        except ValueError:
            problem = say_of(request)(
                "Mã hộ phải là một UUID, ví dụ 0190a8c2-….", "A household id is a UUID."
            )
            return render(request, "timeline.html", title, status=400, problem=problem)
        answer = await _ask(mounted["reporting"].app, issuer, household)
        if answer.is_error:
            said = answer.json().get("title", answer.status_code)
            return render(request, "timeline.html", title, status=answer.status_code, problem=said)
        trace = Trace(answer.json()["items"])
        await add_partners(operator, trace, telling)
        language = language_of(request)
        entries = [
            {**_entry(entry, language), "partners": [*_partners(trace, entry, language)]}
            for entry in trace.said
        ]
        return render(request, "timeline.html", title, household=household, entries=entries)

    return Starlette(routes=[Route("/", home), Route("/timeline", timeline)])


async def _ask(app: FastAPI, issuer: DevelopmentIssuer, household: UUID) -> httpx.Response:
    token = issuer.token(Role.PROVINCE, subject="console")
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://console"
    ) as client:
        return await client.get(
            f"/v1/households/{household}/timeline",
            params={"limit": 200},
            headers={"Authorization": f"Bearer {token}"},
        )


def _routes(app: FastAPI, language: str) -> list[dict[str, str]]:
    """Method, path and what it does; a summary reads "Vietnamese / English"."""
    return [
        {"method": method.upper(), "path": path, "summary": _half(call["summary"], language)}
        for path, calls in app.openapi()["paths"].items()
        for method, call in calls.items()
        if not path.startswith("/internal/")
    ]


def _half(summary: str, language: str) -> str:
    vietnamese, _, english = summary.partition(" / ")
    return english if language == "en" and english else vietnamese


def _entry(entry: Mapping[str, Any], language: str) -> dict[str, Any]:
    recorded = datetime.fromisoformat(entry["recorded_at"]).astimezone(VIETNAM)
    occurred = datetime.fromisoformat(entry["occurred_at"]).astimezone(VIETNAM)
    return {
        "effective": f"{occurred:%d/%m/%Y}",
        "recorded": f"{recorded:%d/%m/%Y %H:%M:%S}",
        "type": entry["type"],
        "version": entry["version"],
        "text": entry["summary"][language],
    }


_STATES = {
    "read": Text("đã đọc", "read"),
    "delivered": Text("đã nhận", "delivered"),
    "pending": Text("đang gửi", "on its way"),
    "withheld": Text("không còn thuộc phạm vi", "not its any more"),
    "failed": Text("đã bỏ", "given up"),
}


def _partners(trace: Trace, entry: dict[str, Any], language: str) -> Iterator[str]:
    """Who was told of an event, on which road and when; whose answer it is."""
    for answer in trace.answered_by(entry):
        yield f"◀ {answer}"
    for told in trace.told.get(entry["event_id"], ()):
        state = _STATES[told["state"]]
        said = state.en if language == "en" else state.vi
        at = told["at"] and datetime.fromisoformat(told["at"]).astimezone(VIETNAM)
        when = f" {at:%d/%m/%Y %H:%M:%S}" if at else ""
        yield f"▶ {told['partner']} ({road_of(told)}): {said}{when}"
