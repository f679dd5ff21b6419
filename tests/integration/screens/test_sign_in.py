"""Who is signed in, what a form must carry, and what outlives a sign-in that has ended."""

from libs.common.security.roles import Role
from tests.integration.screens.conftest import Seat
from tests.support.screens import token_of

HERE = "01882"


async def test_signing_in_leads_to_the_page_asked_for_and_out_again(seat: Seat) -> None:
    browser, at = seat.browser, "/households?of=this"
    page = await browser.sign_in(Role.OFFICER, HERE, "canbo.nghienloan", at)
    assert str(page.url).endswith(at)
    assert "canbo.nghienloan · Cán bộ xã · địa bàn 01882" in page.text
    assert "no-store" in page.headers["cache-control"]
    assert "default-src 'none'" in page.headers["content-security-policy"]
    cookies = [one for one in browser.client.cookies.jar if one.value]
    assert [one.name for one in cookies] == ["ansinh_session"]
    assert "HttpOnly" in cookies[0]._rest  # type: ignore[attr-defined]

    left = await browser.send("/sign-out", token_of(page))
    assert left.status_code == 303
    assert (await browser.open("/households")).url.path == "/issuer/authorize"


async def test_the_language_is_kept(seat: Seat) -> None:
    browser = seat.browser
    await browser.sign_in(Role.OFFICER, HERE)
    page = await browser.open("/households?of=this&lang=en")
    assert str(page.url).endswith("/households?of=this")
    assert '<html lang="en">' in page.text
    assert "Number" in (await browser.open("/households")).text


async def test_a_form_of_another_page_is_refused(seat: Seat) -> None:
    browser = seat.browser
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


async def test_a_code_from_elsewhere_signs_nobody_in(seat: Seat) -> None:
    browser = seat.browser
    for is_on_its_way in (False, True):
        if is_on_its_way:
            await browser.open("/households")
        query = {"state": "made-up", "code": "made-up"}
        answer = await browser.client.get(f"{browser.base}/signed-in", params=query)
        assert answer.status_code == 403
    assert not [one for one in browser.client.cookies.jar if one.name == "ansinh_session"]


async def test_an_address_of_another_site_is_no_way_back(seat: Seat) -> None:
    browser = seat.browser
    page = await browser.sign_in(Role.OFFICER, HERE, path="/sign-in?to=//elsewhere.example/")
    assert page.url.path == "/registry/screens/households"
