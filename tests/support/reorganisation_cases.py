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


def _of_done(path: str, shows: str, audited: str | None = None) -> Reads:
    return Reads(
        Role.OFFICER,
        lambda place: f"{_AT}/{place.done_reorganisation}{path}",
        shows,
        audited=audited or (shows if shows != "commune" else "done_reorganisation"),
    )


def _act(act: str, place_of: str = "reorganisation") -> Writes:
    return Writes(
        Role.PROVINCE,
        lambda place: f"{_AT}/{getattr(place, place_of)}/{act}",
        lambda _: {},
        says=False,
    )


def an_answer(place: Place) -> dict[str, Any]:
    return {
        "commune": place.commune,
        "households": [str(place.asked_household)],
        "to": place.commune,
    }


def _decides(act: str, *, says: bool = False) -> Writes:
    return Writes(
        Role.OFFICER,
        lambda place: f"{_AT}/{place.done_reorganisation}/answers/{place.answer}/{act}",
        lambda _: {},
        says=says,
    )


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
    f"GET {_AT}/{{reorganisation_id}}/designations": _reads("/designations", "commune"),
    f"GET {_AT}/{{reorganisation_id}}/reclassified": _of_done("/reclassified", "moved_household"),
    f"POST {_AT}/{{reorganisation_id}}/preview": _act("preview"),
    f"POST {_AT}/{{reorganisation_id}}/approve": _act("approve"),
    f"POST {_AT}/{{reorganisation_id}}/cancel": _act("cancel"),
    f"POST {_AT}/{{reorganisation_id}}/answers": Writes(
        Role.OFFICER,
        lambda place: f"{_AT}/{place.done_reorganisation}/answers",
        an_answer,
        says=False,
    ),
    f"GET {_AT}/{{reorganisation_id}}/answers": _of_done(
        "/answers", "answer", "done_reorganisation"
    ),
    f"POST {_AT}/{{reorganisation_id}}/answers/{{answer_id}}/confirm": _decides(
        "confirm", says=True
    ),
    f"POST {_AT}/{{reorganisation_id}}/answers/{{answer_id}}/undo": _decides("undo"),
    f"POST {_AT}/{{reorganisation_id}}/answers/{{answer_id}}/refuse": Writes(
        Role.OFFICER,
        lambda place: f"{_AT}/{place.done_reorganisation}/answers/{place.more_answers[0]}/refuse",
        lambda _: {},
        says=False,
    ),
    f"POST {_AT}/{{reorganisation_id}}/repeat": _act("repeat", "done_reorganisation"),
}
