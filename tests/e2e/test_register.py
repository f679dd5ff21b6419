"""`make register`, small: what it has compared, and the figures that it prints."""

import re
from pathlib import Path

import pytest

from ansinh.demo.register.run import FIRST_DAY, tell_year
from ansinh.demo.settings import DemoClock
from tests.support.platforms import a_platform
from tests.support.servers import admin_dsn

ROWS = 300
PRINTED = (
    r"lần đầu: (\d+) đăng ký mới, 0 cập nhật, 0 không đổi, (\d+) từ chối",
    r"sửa theo báo cáo: (\d+) đăng ký mới, 0 cập nhật, 0 không đổi, 0 từ chối",
    r"tệp đầu, gửi lại: 0 đăng ký mới, 0 cập nhật, (\d+) không đổi, (\d+) từ chối",
)


@pytest.mark.slow
@pytest.mark.timeout(300)
async def test_a_year_of_the_register_comes_out_as_it_must(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ANSINH_POSTGRES_URL", admin_dsn())
    clock = DemoClock(FIRST_DAY)
    async with a_platform(tmp_path / "run", None, clock) as (platform, _):
        wrong = await tell_year(platform, clock, tmp_path / "run", ROWS)
    told = capsys.readouterr().out
    assert wrong == [], told
    (taken, refused), (mended,), (same, still) = (_figures(line, told) for line in PRINTED)
    assert (taken, refused) == (same, still)
    assert mended == refused
    assert taken + refused >= ROWS
    for said in (
        "Hộ XL-02 chuyển từ Xuân La sang An Thắng",
        "xã An Thắng cũ, 30/6:",
        "2 nghèo, 1 cận nghèo",
        "Người này đã được ghi là đã chết.",
        "registry: toàn vẹn / intact",
        "0 khác / things compared",
    ):
        assert said in told


def _figures(line: str, told: str) -> tuple[int, ...]:
    found = re.search(line, told)
    assert found is not None, told
    return tuple(map(int, found.groups()))
