"""A file sent at the screens: checked before anything is written, reported per line, confirmed."""

from libs.common.clock import FixedDayClock
from libs.common.security.roles import Role
from services.registry.imports.work import run_imports
from tests.support.screens import Browser, ShownScreens, token_of
from tests.support.vault import VAULT
from tests.support.worlds import DAY, HERE, World

FILE = (
    "Mã hộ,Mã xã,Họ và tên,Quan hệ với chủ hộ,Năm sinh,Giới tính,Dân tộc\n"
    "77,01882,Triệu Thị Lai,Chủ hộ,1980,Nữ,Dao\n"
    "78,01882,Triệu Văn Sai,Chủ hộ,1980,Nữa,Dao\n"
).encode()


async def test_a_file_is_checked_reported_and_taken_when_confirmed(
    world: World, screens: ShownScreens
) -> None:
    async with screens.browser() as browser:
        await _sends_looks_and_confirms(world, browser)


async def _sends_looks_and_confirms(world: World, browser: Browser) -> None:
    page = await browser.sign_in(Role.OFFICER, HERE, path="/imports")
    typed = {"_token": token_of(page), "/effective_on": "2022-06-01"}
    nothing = await browser.upload("/imports", typed, b"")
    assert nothing.status_code == 422
    assert '<a href="#/file">Chưa chọn tệp' in nothing.text

    sent = await browser.upload("/imports", typed, FILE)
    assert sent.status_code == 303
    path = sent.headers["location"].removeprefix("/registry/screens")
    assert 'http-equiv="refresh"' in (await browser.open(path)).text

    await work(world)
    page = await browser.open(path)
    assert "Chờ xác nhận" in page.text
    assert 'http-equiv="refresh"' not in page.text
    asked = {"_purpose": "register"}
    report = await browser.send(f"{path}/report?format=csv", token_of(page), **asked)
    assert "attachment" in report.headers["content-disposition"]
    assert "Triệu Văn Sai" in report.text
    assert "Triệu Thị Lai" not in report.text, "the refused lines alone"

    done = await browser.send(path, token_of(page), **{"/act": "confirm"})
    assert done.status_code == 303
    await work(world)
    assert "Đã xong" in (await browser.open(path)).text
    late = await browser.send(path, token_of(page), **{"/act": "cancel"})
    assert late.status_code == 409
    assert "Lần nhập đã xong." in late.text


async def work(world: World) -> None:
    async with world.database.as_worker() as worker:
        await run_imports(worker, FixedDayClock(DAY), VAULT)
