"""Two records side by side: why they look alike, which one stays, and the second person."""

from libs.common.security.roles import Role
from tests.support.screens import Browser, ShownScreens, token_of
from tests.support.worlds import HERE, World


async def test_a_pair_is_compared_proposed_and_confirmed_by_another(
    world: World, screens: ShownScreens
) -> None:
    async with screens.browser() as browser:
        await _compares_proposes_and_confirms(world, browser)


async def _compares_proposes_and_confirms(world: World, browser: Browser) -> None:
    queue = await browser.sign_in(Role.CHAIRMAN, HERE, path="/duplicates")
    path = f"/duplicates/{world.here.pair}"
    assert path in queue.text
    page = await browser.open(path)
    assert "Họ tên giống hệt" in page.text
    assert "L*** T*** M***" in page.text
    assert "Lý Thị Mai" not in page.text, "masked without a purpose"
    clear = await browser.send(f"{path}/clear", token_of(page), _purpose="duplicates")
    assert "Lý Thị Mai" in clear.text
    reason = {"/reason": "Giấy khai sinh 12/2015"}

    unchosen = await browser.send(path, token_of(page), **{"/act": "same", **reason})
    assert unchosen.status_code == 422
    assert 'href="#/keep"' in unchosen.text
    assert 'value="Giấy khai sinh 12/2015"' in unchosen.text, "what was typed is kept"

    chosen = {"/act": "same", "/keep": str(world.here.person), **reason}
    assert (await browser.send(path, token_of(page), **chosen)).status_code == 303
    page = await browser.open(path)
    assert "Chờ người thứ hai" in page.text
    assert "Xác nhận và thực hiện" not in page.text, "not by who proposed it"
    alone = await browser.send(path, token_of(page), **{"/act": "confirm"})
    assert alone.status_code == 403
    assert "Cần người thứ hai xác nhận" in alone.text
    assert "Rút đề xuất" in page.text
    assert (await browser.send(path, token_of(page), **{"/act": "withdraw"})).status_code == 303
    page = await browser.open(path)
    assert "Chờ người thứ hai" not in page.text
    assert "Rút đề xuất" in page.text, "as a step"

    path = f"/duplicates/{world.here.proposed_pair}"
    page = await browser.open(path)
    assert "Xác nhận và thực hiện" in page.text, "somebody else proposed it"
    assert (await browser.send(path, token_of(page), **{"/act": "confirm"})).status_code == 303
    page = await browser.open(path)
    assert "Xác nhận: là hai người" in page.text
    for shown in (
        "Kết luận",
        "Như đã biết ngay trước kết luận",
        "somebody",
        "CCCD",
        "B*** T*** S***",
    ):
        assert shown in page.text
    undone = {"/act": "undo", **reason}
    assert (await browser.send(path, token_of(page), **undone)).status_code == 303
