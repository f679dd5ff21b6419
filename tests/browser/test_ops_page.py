"""`/ops` in a real Chromium: live without losing what is typed, readable on a phone, acting."""

import struct
from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path

import pytest
import pytest_asyncio

from ansinh.watch import wait_for_effects
from libs.common.clock import FixedDayClock
from tests.support.bus import eventually
from tests.support.chromium import NO_CHROMIUM, Tab, a_tab, find_chromium
from tests.support.platforms import a_platform
from tests.support.poison import SECRET, poison, state_of

WIDE, PHONE = (1200, 900), (390, 844)


@pytest_asyncio.fixture
async def tab(tmp_path: Path) -> AsyncIterator[Tab]:
    executable = find_chromium()
    if executable is None:
        pytest.skip(NO_CHROMIUM)
    async with a_tab(executable, tmp_path / "profile") as opened:
        yield opened


@pytest.mark.slow
@pytest.mark.timeout(600)
async def test_an_operator_mends_in_a_browser(tab: Tab, tmp_path: Path) -> None:
    async with a_platform(tmp_path / "run", None, FixedDayClock(date(2022, 1, 4))) as (platform, _):
        await wait_for_effects(platform.workers)
        await tab.resize(*WIDE)
        await tab.open(f"{platform.url}/ops")
        assert "Mọi thứ đều ổn" in await tab.text()

        # What changes comes by itself; what is typed stays.
        await tab.run("document.querySelector('[name=why]').value = 'đang gõ dở'")
        (parked_id,) = await poison(platform)

        async def is_told() -> bool:
            return "1 việc cần người xử lý" in await tab.text()

        await eventually(is_told)
        assert await tab.run("document.querySelector('[name=why]').value") == "đang gõ dở"

        for language, told in (("vi", "việc cần người xử lý"), ("en", "need a person")):
            for size in (WIDE, PHONE):
                await tab.resize(*size)
                await tab.open(f"{platform.url}/ops?lang={language}")
                assert told in await tab.text()
                wide = await tab.run("document.documentElement.scrollWidth - window.innerWidth")
                assert wide <= 0, (language, size)
                assert _size_of(await tab.picture()) == size

        # Look, refuse, look again, give up.
        await tab.open(f"{platform.url}/ops/parked/eligibility/{parked_id}?lang=en")
        assert "data.kind" in await tab.text()
        await tab.run("document.querySelector('[name=purpose]').value = 'Not A Code'")
        await tab.press("form[action*='/values'] button")
        assert "The purpose is not valid." in await tab.text()
        assert SECRET not in await tab.text()
        await tab.run("document.querySelector('[name=purpose]').value = 'repair.ticket-17'")
        await tab.press("form[action*='/values'] button")
        assert SECRET in await tab.text()
        await tab.run("document.querySelector('[name=why]').value = 'sent by mistake'")
        await tab.press("form[action*='/discard'] button")
        assert "Given up: 1" in await tab.text()
        assert await state_of(platform, parked_id) == "discarded"
        await tab.open(f"{platform.url}/ops?lang=en")
        assert "All is well" in await tab.text()
        refused = [text for text in tab.complaints if "status of 400" not in text]
        assert refused == [], "the page's own policy refuses nothing of the page"


def _size_of(png: bytes) -> tuple[int, int]:
    width, height = struct.unpack(">II", png[16:24])
    return width, height
