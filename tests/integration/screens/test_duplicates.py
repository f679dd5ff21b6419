"""Two records side by side: why they look alike, which one stays, and the decision undone."""

from libs.common.security.roles import Role
from tests.support.screens import Browser, ShownScreens, token_of
from tests.support.worlds import HERE, World


async def test_a_pair_is_compared_decided_and_the_decision_undone(
    world: World, screens: ShownScreens
) -> None:
    async with screens.browser() as browser:
        await _compares_decides_and_undoes(world, browser)


async def _compares_decides_and_undoes(world: World, browser: Browser) -> None:
    queue = await browser.sign_in(Role.CHAIRMAN, HERE, path="/duplicates")
    path = f"/duplicates/{world.here.pair}"
    assert path in queue.text
    page = await browser.open(path)
    assert "Họ tên giống hệt" in page.text
    assert "L*** T*** M***" in page.text
    assert "Lý Thị Mai" not in page.text, "masked without a purpose"
    reason = {"/reason": "Giấy khai sinh 12/2015"}

    unchosen = await browser.send(path, token_of(page), **{"/act": "same", **reason})
    assert unchosen.status_code == 422
    assert 'href="#/keep"' in unchosen.text
    assert 'value="Giấy khai sinh 12/2015"' in unchosen.text, "what was typed is kept"

    chosen = {"/act": "same", "/keep": str(world.here.person), **reason}
    assert (await browser.send(path, token_of(page), **chosen)).status_code == 303
    assert "Là một người" in (await browser.open(path)).text
    undone = {"/act": "undo", **reason}
    assert (await browser.send(path, token_of(page), **undone)).status_code == 303
    assert path in (await browser.open("/duplicates")).text
