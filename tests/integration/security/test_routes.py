"""Every route of every service: no token is a 401, a role it does not name is a 403."""

import re
from importlib import import_module
from importlib.util import find_spec

import pytest
from fastapi import APIRouter

from libs.common.clock import SystemClock
from libs.common.database.provision import SERVICES
from libs.common.ids import new_id
from libs.common.problems import Text
from libs.common.security.roles import Role
from libs.common.service import Service
from libs.common.web import create_app
from libs.common.web.app import roles_of
from libs.common.web.screens.door import PREFIX as SCREENS
from tests.conftest import MakeDatabase
from tests.support.edge import bearer, open_client, verifier

BUILT = [name for name in SERVICES if find_spec(f"services.{name}.app") is not None]


def build(name: str) -> Service:
    service = import_module(f"services.{name}.app").build()
    assert isinstance(service, Service)
    return service


@pytest.mark.parametrize("name", BUILT)
async def test_no_token_and_wrong_role(name: str, make_database: MakeDatabase) -> None:
    service = build(name)
    by_endpoint = {
        (prefix, route.path, method): roles
        for prefix, route, roles in roles_of(service)
        for method in route.methods or ()
    }
    async with open_client(service, await make_database(name)) as client:
        document = (await client.get("/openapi.json")).json()
        operations = [
            (path, method.upper()) for path, item in document["paths"].items() for method in item
        ]
        assert operations
        operations += [(at + path, method) for at, path, method in by_endpoint if at == SCREENS]
        for path, method in operations:
            address = re.sub(r"\{[^}]+\}", str(new_id()), path)
            assert (await client.request(method, address)).status_code == 401, (method, path)
            matching = [  # a route's own path stands at the end, after the prefixes of its routers
                key
                for key in by_endpoint
                if key[2] == method and path.startswith(key[0]) and path.endswith(key[1])
            ]
            allowed = by_endpoint[max(matching, key=lambda key: len(key[1]))]
            for role in set(Role) - allowed:
                answer = await client.request(method, address, headers=bearer(role))
                assert answer.status_code == 403, (method, path, role)


async def test_a_route_without_a_door_is_refused(make_database: MakeDatabase) -> None:
    router = APIRouter()

    @router.get("/open")
    async def everybody() -> None: ...

    service = Service("registry", Text("Thử", "Trial"), (router,))
    async with (await make_database("registry")).as_api() as connections:
        with pytest.raises(ValueError, match="/open lets everybody in"):
            create_app(service, connections, clock=SystemClock(), auth=verifier())
