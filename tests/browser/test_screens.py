"""Officers' screens in a real Chromium: by keyboard alone, on a phone, in both languages."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from libs.common.clock import FixedDayClock
from tests.conftest import MakeDatabase
from tests.support.chromium import NO_CHROMIUM, Tab, a_tab, find_chromium
from tests.support.contrast import SCRIPT
from tests.support.doors import free_port
from tests.support.screens import ShownScreens, shown
from tests.support.worlds import DAY, HERE, World, a_world

WIDE, PHONE = (1280, 900), (390, 844)
NAME, MASKED = "Lý Thị Mai", "L*** T*** M***"


@pytest_asyncio.fixture
async def tab(tmp_path: Path) -> AsyncIterator[Tab]:
    executable = find_chromium()
    if executable is None:
        pytest.skip(NO_CHROMIUM)
    async with a_tab(executable, tmp_path / "profile") as opened:
        yield opened


@pytest.mark.slow
@pytest.mark.timeout(300)
async def test_officers_work_in_a_browser(tab: Tab, make_database: MakeDatabase) -> None:
    """One service and one browser for all that is looked at."""
    world = await a_world("registry", await make_database("registry"))
    clock, port = FixedDayClock(DAY), free_port()
    async with shown(world.service, world.database, clock, port=port) as screens:
        await _signs_in_and_looks_by_keyboard(tab, screens)
        await _mends_what_is_refused(tab, screens, world)
        await _is_readable_on_a_phone(tab, screens, world)
        await _hands_out_a_file(tab, screens, world)
    refused = [text for text in tab.complaints if "status of 422" not in text]
    assert refused == [], "the pages' own policy refuses nothing of the pages"


async def _signs_in_and_looks_by_keyboard(tab: Tab, screens: ShownScreens) -> None:
    await tab.resize(*WIDE)
    await tab.open(screens.base)
    await tab.tab_to("#areas")
    await tab.run("document.activeElement.select()")
    await tab.type(HERE)
    await tab.key("Enter", leads_on=True)
    assert "demo-officer · Cán bộ xã · địa bàn 01882" in await tab.text()

    await tab.key("Tab")
    assert await tab.run("document.activeElement.matches('.skip')"), "first the way to the content"
    await tab.key("Enter")
    await tab.tab_to("[name='/name']")
    await tab.type("mai ly")
    await tab.key("Enter", leads_on=True)
    assert MASKED in await tab.text()
    await tab.tab_to("td a")
    await tab.key("Enter", leads_on=True)
    await tab.tab_to("summary")
    await tab.key("Enter")
    await tab.tab_to("#_purpose")
    while await tab.run("document.activeElement.value") != "complaint":
        await tab.key("ArrowDown")
    await tab.tab_to("details button")
    await tab.key("Enter", leads_on=True)
    assert NAME in await tab.text()


async def _mends_what_is_refused(tab: Tab, screens: ShownScreens, world: World) -> None:
    await tab.open(f"{screens.base}/households")
    await tab.run("document.getElementById('/household').value = 'không phải mã'")
    await tab.press("main button")
    assert await tab.run("document.activeElement.id") == "summary"
    await tab.key("Tab")
    await tab.key("Enter")
    assert await tab.run("location.hash") == "#/household"
    assert await tab.run("document.getElementById('/household').value") == "không phải mã"
    await tab.run(f"document.getElementById('/household').value = '{world.here.household}'")
    await tab.press("main button")
    assert str(world.here.household) in await tab.text()


async def _is_readable_on_a_phone(tab: Tab, screens: ShownScreens, world: World) -> None:
    asked = f"household_id={world.here.household}"
    pages = (
        "/households",
        "/households?find=1",
        f"/households/{world.here.household}",
        "/changes",
        f"/changes/new?{asked}",
        f"/changes/new/split?{asked}",
        "/changes/new/arrival",
        f"/changes/new/rehousing?{asked}",
        f"/changes/{world.here.changes['approve']}",
        "/duplicates",
        f"/duplicates/{world.here.pair}",
        "/data-requests",
        f"/persons/{world.here.person}/file",
        "/purposes",
        "/imports",
        f"/imports/{world.here.checked_import}",
        "/reorganisations",
        f"/reorganisations/{world.here.done_reorganisation}/open",
        f"/reorganisations/{world.here.done_reorganisation}/answers",
    )
    for size in (PHONE, WIDE):
        await tab.resize(*size)
        for language in ("en", "vi"):
            for page in pages:
                joined = "&" if "?" in page else "?"
                await tab.open(f"{screens.base}{page}{joined}lang={language}")
                assert await tab.run("document.documentElement.lang") == language
                wide = await tab.run("document.documentElement.scrollWidth - window.innerWidth")
                assert wide <= 0, (size, language, page)
                if (size, language) == (WIDE, "vi"):
                    await _is_not_faint(tab, page)


async def _is_not_faint(tab: Tab, page: str) -> None:
    """On light and dark screens, and on paper."""
    for scheme, media in (("dark", "screen"), ("dark", "print"), ("light", "screen")):
        await tab.paint(scheme, media)
        assert await tab.run(SCRIPT) == [], (page, scheme, media)


async def _hands_out_a_file(tab: Tab, screens: ShownScreens, world: World) -> None:
    """A citizen's file names what is not in it."""
    await tab.open(f"{screens.base}/persons/{world.here.person}/file")
    await tab.press("main button")
    text = await tab.text()
    assert NAME in text
    assert "Chưa gồm phần của: Xét quyền thụ hưởng chính sách" in text
    await _is_not_faint(tab, "a citizen's file")
