"""The short way to a lone read: `GET` of what an id names, with no question besides.

There is nothing to find out but the id, so the edge calls the route's own endpoint with it, and
what the framework does for any request (find the route among all, look for parameters, solve
dependencies) is left out: it takes longer than the read. Whoever asks otherwise, with a query or
an id in another spelling, takes the usual way to the same endpoint and gets the same answer; so
does a partner, of whose answer the registered fields leave.
"""

import re
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from fastapi.routing import APIRoute
from pydantic import TypeAdapter
from starlette.responses import Response
from starlette.types import Send

from libs.common.web.act import Act
from libs.common.web.edge import Allow

_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True)
class ShortWay:
    """One route: who may, and what answers.

    Attributes:
        template: its path, ending in the id's name in braces.
        names: of the endpoint's parameters: the id, the edge, the response.
    """

    template: str
    allow: Allow
    endpoint: Callable[..., Awaitable[Any]]
    names: tuple[str, str, str]
    shape: TypeAdapter[Any]

    async def answer(self, act: Act, subject: UUID, send: Send) -> None:
        """Answer as the framework would."""
        name, edge_name, response_name = self.names
        edge = await self.allow.enter_alone(act, self.template, name, subject)
        response = Response(media_type="application/json")
        given = {name: subject, edge_name: edge, response_name: response}
        body = self.shape.dump_json(await self.endpoint(**given), by_alias=True)
        response.headers["content-length"] = str(len(body))
        await send({"type": "http.response.start", "status": 200, "headers": response.raw_headers})
        await send({"type": "http.response.body", "body": body})


class ShortWays:
    """The short ways of an application, found by the path before the id."""

    def __init__(self, routes: Iterable[tuple[str, APIRoute]]) -> None:
        """Args:
        routes: where each is mounted, and the route; those that are no lone read are left out.

        Raises:
            ValueError: a lone read that is not one id alone.
        """
        self._ways: Mapping[str, ShortWay] = {
            way.template.rpartition("/")[0]: way
            for prefix, route in routes
            if (way := _way(prefix, route)) is not None
        }

    def find(self, act: Act, path: str, query: bytes) -> tuple[ShortWay, UUID] | None:
        """The way that a request may take, and to what."""
        if act.method != "GET" or query or act.is_partners:
            return None
        before, _, last = path.rpartition("/")
        way = self._ways.get(before)
        return (way, UUID(last)) if way is not None and _ID.fullmatch(last) else None


def _way(prefix: str, route: APIRoute) -> ShortWay | None:
    dependant = route.dependant
    entries = [
        (str(one.name), one.call)
        for one in dependant.dependencies
        if isinstance(one.call, Allow) and one.call.alone
    ]
    if not entries:
        return None
    ((edge_name, entry),) = entries
    template, asked = f"{prefix}{route.path}", dependant.path_params
    if (
        len(dependant.dependencies) != 1
        or [f"{{{one.name}}}" for one in asked] != [template.rpartition("/")[2]]
        or any(one.field_info.is_required() for one in dependant.query_params)
        or dependant.body_params
        or dependant.response_param_name is None
    ):
        raise ValueError(f"{template} is asked for more than an id: it is no lone read")
    names = asked[0].name, edge_name, dependant.response_param_name
    return ShortWay(template, entry, route.endpoint, names, TypeAdapter(route.response_model))
