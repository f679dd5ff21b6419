"""Who is signed in, what a form must carry, and what outlives a sign-in that has ended."""

from collections.abc import AsyncIterator

import pytest_asyncio

from libs.common.clock import FixedDayClock
from libs.common.security.roles import Role
from tests.conftest import MakeDatabase
from tests.support.screens import Browser, shown, token_of
from tests.support.worlds import DAY, HERE, THERE, World, a_world


@pytest_asyncio.fixture
async def world(make_database: MakeDatabase) -> World:
    return await a_world("registry", await make_database("registry"))


@pytest_asyncio.fixture
async def browser(world: World) -> AsyncIterator[Browser]:
    clock = FixedDayClock(DAY)
    async with (
        shown(world.service, world.database, clock) as screens,
        screens.browser() as opened,
    ):
        yield opened


async def test_signing_in_leads_to_the_page_asked_for_and_out_again(
    world: World, browser: Browser
) -> None:
    at = f"/households/{world.here.household}"
    page = await browser.sign_in(Role.OFFICER, HERE, "canbo.nghienloan", at)
    assert page.url.path.endswith(at)
    assert "canbo.nghienloan · Cán bộ xã · địa bàn 01882" in page.text
    assert "no-store" in page.headers["cache-control"]
    assert "default-src 'none'" in page.headers["content-security-policy"]
    cookies = [one for one in browser.client.cookies.jar if one.value]
    assert [one.name for one in cookies] == ["ansinh_session"]
    assert "HttpOnly" in cookies[0]._rest  # type: ignore[attr-defined]

    left = await browser.send("/sign-out", token_of(page))
    assert left.status_code == 303
    assert (await browser.open("/households")).url.path == "/issuer/authorize"


async def test_the_same_rows_as_in_the_api(world: World, browser: Browser) -> None:
    here = world.here.household
    await browser.sign_in(Role.OFFICER, THERE)
    assert (await browser.open(f"/households/{here}")).status_code == 404
    found = await browser.open("/households?find=1")
    assert str(world.there.household) in found.text
    assert str(here) not in found.text
    asked = {"/household": str(here), "/number": "", "/status": ""}
    sent = await browser.send("/households", token_of(found), **asked)
    assert sent.status_code == 303
    named = await browser.client.get(browser.url + sent.headers["location"])
    assert named.status_code == 422
    assert "Không có hộ mang mã này trong địa bàn của bạn." in named.text
    assert f'value="{here}"' in named.text, "what was typed stays"


async def test_the_language_is_kept(browser: Browser) -> None:
    await browser.sign_in(Role.OFFICER, HERE)
    page = await browser.open("/households?status=none&lang=en")
    assert str(page.url).endswith("/households?status=none")
    assert '<html lang="en">' in page.text
    assert "Search households" in (await browser.open("/households")).text


async def test_a_form_of_another_page_is_refused(browser: Browser) -> None:
    page = await browser.sign_in(Role.OFFICER, HERE)
    cheats: tuple[tuple[int, str, dict[str, str]], ...] = (
        (403, "0" * 64, {}),
        (403, token_of(page), {"Origin": "https://elsewhere.example"}),
        (403, token_of(page), {"Sec-Fetch-Site": "cross-site"}),
        (415, token_of(page), {"Content-Type": "application/json"}),
    )
    for status, token, headers in cheats:
        answer = await browser.client.post(
            f"{browser.base}/sign-out", data={"_token": token}, headers=headers
        )
        assert answer.status_code == status, headers
    assert (await browser.open("/households")).status_code == 200, "still signed in"


async def test_a_code_from_elsewhere_signs_nobody_in(browser: Browser) -> None:
    for is_on_its_way in (False, True):
        if is_on_its_way:
            await browser.open("/households")
        query = {"state": "made-up", "code": "made-up"}
        answer = await browser.client.get(f"{browser.base}/signed-in", params=query)
        assert answer.status_code == 403
    assert not [one for one in browser.client.cookies.jar if one.name == "ansinh_session"]


async def test_an_address_of_another_site_is_no_way_back(browser: Browser) -> None:
    page = await browser.sign_in(Role.OFFICER, HERE, path="/sign-in?to=//elsewhere.example/")
    assert page.url.path == "/registry/screens/households"
