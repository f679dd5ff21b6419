"""What the routes of reorganisations answer about whom."""

from typing import Any

from libs.common.security.roles import Role
from tests.support.route_kinds import Nobodys, Reads, RouteCase, Writes
from tests.support.worlds import Place, a_file

_AT = "/v1/reorganisations"
_ASKED = "in_force=2025-07-01&known_from=2022-01-01&document=NQ"


def _reads(path: str, shows: str = "reorganisation", audited: str = "reorganisation") -> Reads:
    return Reads(
        Role.PROVINCE,
        lambda place: f"{_AT}/{place.reorganisation}{path}",
        shows,
        audited=audited,
    )


def _of_done(path: str, shows: str) -> Reads:
    return Reads(
        Role.OFFICER,
        lambda place: f"{_AT}/{place.done_reorganisation}{path}",
        shows,
        audited=shows if shows != "commune" else "done_reorganisation",
    )


def _act(act: str, place_of: str = "reorganisation") -> Writes:
    return Writes(
        Role.PROVINCE,
        lambda place: f"{_AT}/{getattr(place, place_of)}/{act}",
        lambda _: {},
        says=False,
    )


def _answer(place: Place) -> dict[str, Any]:
    return {"households": [str(place.household)], "to": place.commune}


REORGANISATIONS: dict[str, RouteCase] = {
    f"POST {_AT}": Writes(
        Role.PROVINCE,
        lambda _: f"{_AT}?{_ASKED}",
        lambda place: a_file(place.commune),
        says=False,
    ),
    f"GET {_AT}": Reads(
        Role.PROVINCE, lambda _: _AT, "reorganisation", is_list=True, audited="reorganisation"
    ),
    f"GET {_AT}/form": Nobodys("public facts"),
    f"GET {_AT}/{{reorganisation_id}}": _reads(""),
    f"GET {_AT}/{{reorganisation_id}}/report": _reads("/report?format=csv", "commune"),
    f"GET {_AT}/{{reorganisation_id}}/open": _of_done("/open", "commune"),
    f"GET {_AT}/{{reorganisation_id}}/open/households": _of_done("/open/households", "household"),
    f"GET {_AT}/{{reorganisation_id}}/reclassified": _of_done("/reclassified", "moved_household"),
    f"POST {_AT}/{{reorganisation_id}}/preview": _act("preview"),
    f"POST {_AT}/{{reorganisation_id}}/approve": _act("approve"),
    f"POST {_AT}/{{reorganisation_id}}/cancel": _act("cancel"),
    f"POST {_AT}/{{reorganisation_id}}/assign": Writes(
        Role.OFFICER, lambda place: f"{_AT}/{place.done_reorganisation}/assign", _answer
    ),
    f"POST {_AT}/{{reorganisation_id}}/repeat": _act("repeat", "done_reorganisation"),
}
