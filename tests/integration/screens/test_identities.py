"""Names and numbers: masked, found by number, clear for a purpose and then on the audit trail."""

from collections.abc import AsyncIterator

import pytest_asyncio

from libs.common.clock import FixedDayClock
from libs.common.security.roles import Role
from tests.conftest import MakeDatabase
from tests.support.screens import Browser, shown, token_of
from tests.support.worlds import DAY, HERE, THERE, World, a_world

NAME, MASKED, NUMBER = "Lý Thị Mai", "L*** T*** M***", "095101882"


@pytest_asyncio.fixture
async def world(make_database: MakeDatabase) -> World:
    return await a_world("registry", await make_database("registry"))


@pytest_asyncio.fixture
async def browser(world: World) -> AsyncIterator[Browser]:
    async with (
        shown(world.service, world.database, FixedDayClock(DAY)) as screens,
        screens.browser() as opened,
    ):
        yield opened


async def test_an_identity_is_masked_until_a_purpose_is_stated(
    world: World, browser: Browser
) -> None:
    at = f"/households/{world.here.household}"
    page = await browser.sign_in(Role.OFFICER, HERE, path=at)
    assert MASKED in page.text
    assert NAME not in page.text
    assert NUMBER not in page.text

    refused = await browser.send(at, token_of(page), _purpose="", _case="KN-12")
    assert refused.status_code == 422
    assert '<a href="#_purpose">Chưa chọn mục đích.' in refused.text
    assert 'value="KN-12"' in refused.text
    strange = await browser.send(at, token_of(page), _purpose="curiosity")
    assert strange.status_code == 403
    assert '<a href="#_purpose">' in strange.text

    clear = await browser.send(at, token_of(page), _purpose="complaint", _case="KN-12")
    assert NAME in clear.text
    assert NUMBER in clear.text
    async with world.database.as_worker() as connections, connections.transaction() as tx:
        trail = await tx.fetch(
            "SELECT subjects FROM audit_line WHERE kind = 'read' AND purpose = 'complaint.kn-12'"
            " AND subject_kind = 'person'"
        )
    assert world.here.person in trail[0]["subjects"]


async def test_name_and_number_find_people_of_the_callers_areas_alone(
    world: World, browser: Browser
) -> None:
    for area, is_found in ((HERE, True), (THERE, False)):
        page = await browser.sign_in(Role.OFFICER, area)
        for asked in ({"/number": NUMBER}, {"/name": "mai ly", "/commune": HERE}):
            found = await browser.send("/households", token_of(page), **asked)
            assert found.status_code == 200
            assert (f"/households/{world.here.household}" in found.text) == is_found
            assert (MASKED in found.text) == is_found
            assert NAME not in found.text
        await browser.send("/sign-out", token_of(found))
    page = await browser.sign_in(Role.OFFICER, HERE)
    for field in ("/number", "/name"):
        refused = await browser.send("/households", token_of(page), **{field: "?"})
        assert f'<a href="#{field}">' in refused.text
