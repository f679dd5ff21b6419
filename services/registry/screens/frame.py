"""The registry's screens: its rooms' pages, and the menu that every page shows."""

from pathlib import Path

from libs.common.problems import Text
from libs.common.service import Menu, Screens
from services.registry.changes import pages as changes
from services.registry.citizens import pages as citizens
from services.registry.duplicates import pages as duplicates
from services.registry.households import pages as households
from services.registry.imports import pages as imports
from services.registry.purposes.pages import PURPOSES
from services.registry.reorganisations import pages as reorganisations
from services.registry.rights import pages as rights
from services.registry.screens.words import WORDS
from services.registry.timeline import pages as timeline

_REGISTRY = Path(__file__).parents[1]
_ROOMS = (
    "changes",
    "citizens",
    "duplicates",
    "households",
    "imports",
    "purposes",
    "reorganisations",
    "rights",
    "timeline",
)


def screens() -> Screens:
    """What the service shows to people."""
    return Screens(
        routers=(
            households.router,
            changes.router,
            duplicates.router,
            imports.router,
            reorganisations.router,
            timeline.router,
            citizens.router,
            rights.router,
        ),
        menu=(
            Menu("/households", Text("Tra cứu hộ", "Households"), households.READERS),
            Menu("/changes", Text("Đề nghị thay đổi", "Change requests"), households.READERS),
            Menu("/duplicates", Text("Ghi trùng", "Duplicates"), duplicates.OFFICERS),
            Menu("/imports", Text("Nhập tệp", "Imports"), imports.READERS),
            Menu(
                "/reorganisations",
                Text("Sắp xếp đơn vị", "Reorganisations"),
                households.READERS,
            ),
            Menu("/data-requests", Text("Dữ liệu cá nhân", "Personal data"), rights.READERS),
        ),
        templates={room: _REGISTRY / room / "templates" for room in _ROOMS},
        words=WORDS,
        public=(PURPOSES,),
    )
