"""A form acts once, says what is wrong beside its fields, and loses nothing that was typed."""

from datetime import timedelta

from libs.common.security.issuer import LIFETIME_SECONDS
from libs.common.security.roles import Role
from tests.integration.screens.conftest import Seat
from tests.support.screens import token_of

_FIELDS = {"/id": "1", "/commune": "01882", "/words": "hộ mới"}


async def test_a_form_acts_once_however_often_it_is_sent(seat: Seat) -> None:
    page = await seat.browser.sign_in(Role.OFFICER, "01882")
    for _ in range(2):
        sent = await seat.browser.send("/households", token_of(page), **_FIELDS, _key="one")
        assert sent.status_code == 303
    assert '<p id="count">1</p>' in (await seat.browser.open("/households")).text


async def test_a_refusal_stands_beside_its_field_and_what_was_typed_stays(seat: Seat) -> None:
    page = await seat.browser.sign_in(Role.OFFICER, "01882")
    wrong = {**_FIELDS, "/id": "0", "/words": "<b>" + "x" * 50}
    refused = await seat.browser.send("/households", token_of(page), **wrong)
    assert refused.status_code == 422
    assert '<a href="#/id">Giá trị quá nhỏ. Phải từ 1 trở lên.</a>' in refused.text
    assert 'aria-describedby=" /id-error1"' in refused.text
    assert 'value="01882"' in refused.text
    assert 'value="&lt;b&gt;xxx' in refused.text
    assert '<p id="count">0</p>' in refused.text

    mended = await seat.browser.send("/households", token_of(refused), **_FIELDS)
    assert mended.status_code == 303


async def test_another_area_is_refused_as_in_the_api(seat: Seat) -> None:
    page = await seat.browser.sign_in(Role.OFFICER, "01900")
    refused = await seat.browser.send("/households", token_of(page), **_FIELDS)
    assert refused.status_code == 403
    page = await seat.browser.open("/households")
    assert '<p id="count">0</p>' in page.text


async def test_what_was_typed_waits_for_a_new_sign_in_of_the_same_person(seat: Seat) -> None:
    browser = seat.browser
    page = await browser.sign_in(Role.OFFICER, "01882", "can-bo-1")
    seat.clock.passed += timedelta(seconds=LIFETIME_SECONDS)
    sent = await browser.send("/households", token_of(page), **_FIELDS)
    assert sent.status_code == 303
    assert "/sign-in?to=" in sent.headers["location"]

    back = await browser.sign_in(Role.OFFICER, "01882", "can-bo-1")
    assert 'value="hộ mới"' in back.text
    assert "Nội dung đã nhập còn nguyên" in back.text
    assert (await browser.send("/households", token_of(back), **_FIELDS)).status_code == 303
    assert 'value="hộ mới"' not in (await browser.open("/households")).text


async def test_somebody_else_does_not_see_what_was_typed(seat: Seat) -> None:
    browser = seat.browser
    page = await browser.sign_in(Role.OFFICER, "01882", "can-bo-1")
    seat.clock.passed += timedelta(seconds=LIFETIME_SECONDS)
    await browser.send("/households", token_of(page), **_FIELDS)
    assert "hộ mới" not in (await browser.sign_in(Role.OFFICER, "01882", "can-bo-2")).text
