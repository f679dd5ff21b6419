"""What the routes of change requests answer about whom; see `route_cases`."""

from typing import Any

from libs.common.security.roles import Role
from tests.support.route_kinds import Path, Reads, RouteCase, Writes
from tests.support.worlds import Place

_AT = "/v1/change-requests"


def _birth(place: Place) -> dict[str, Any]:
    return {
        "proposal": {
            "kind": "birth",
            "household": {"household_id": str(place.asked_household), "version": 1},
            "children": [{"sex": "female", "ethnicity": "tay", "who": {"name": "Lý Thị Mai"}}],
        },
        "evidence": {
            "kind": "birth_certificate",
            "number": "17/2022",
            "issued_on": "2022-05-20",
            "issued_by": "UBND xã",
        },
        "effective_on": "2022-05-20",
    }


def _of(act: str, which: str) -> Path:
    return lambda place: f"{_AT}/{place.changes[which]}{act}"


def _reads(path: Path, *, is_list: bool = False) -> Reads:
    return Reads(Role.OFFICER, path, "asked_household", is_list, "asked_household")


def _decides(act: str, body: dict[str, Any] | None = None, *, says: bool = False) -> Writes:
    return Writes(Role.OFFICER, _of(f"/{act}", act), lambda _: body or {}, says=says)


CHANGES: dict[str, RouteCase] = {
    f"POST {_AT}/preview": Writes(
        Role.OFFICER, lambda _: f"{_AT}/preview", _birth, says=False, refused=(409,)
    ),
    f"POST {_AT}": Writes(Role.OFFICER, lambda _: _AT, _birth, says=False, refused=(409,)),
    f"GET {_AT}": _reads(lambda _: _AT, is_list=True),
    f"GET {_AT}/{{change_id}}": _reads(_of("", "approve")),
    f"POST {_AT}/{{change_id}}/endorse": _decides("endorse"),
    f"POST {_AT}/{{change_id}}/approve": _decides("approve", says=True),
    f"POST {_AT}/{{change_id}}/refuse": _decides("refuse", {"reason": "Chưa đủ giấy tờ"}),
    f"POST {_AT}/{{change_id}}/withdraw": _decides("withdraw"),
}
