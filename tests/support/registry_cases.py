"""What the registry's rooms of persons answer about whom; see `route_cases`."""

from typing import Any

from libs.common.ids import new_id
from libs.common.security.roles import Role
from tests.support.route_kinds import Path, Reads, RouteCase, Writes
from tests.support.worlds import Place

_AT = "/v1/data-requests"
_DAY = "2022-05-01"


def _of(act: str) -> Path:
    return lambda place: f"{_AT}/{place.data_request}{act}"


def _asked(place: Place) -> dict[str, Any]:
    return {
        "request_id": str(new_id()),
        "household_id": str(place.household),
        "person_id": str(place.person),
        "kind": "access",
        "asked_by": "representative",
        "received_on": _DAY,
        "evidence": "02/2022",
    }


def _step(role: Role, path: Path, **more: Any) -> Writes:
    return Writes(role, path, lambda place: {"on": _DAY, **more}, says=False)


RIGHTS: dict[str, RouteCase] = {
    f"POST {_AT}": Writes(Role.OFFICER, lambda place: _AT, _asked, says=False),
    f"GET {_AT}": Reads(
        Role.OFFICER, lambda place: _AT, "data_request", is_list=True, audited="person"
    ),
    f"GET {_AT}/{{request_id}}": Reads(Role.OFFICER, _of(""), "data_request", audited="person"),
    f"POST {_AT}/{{request_id}}/acknowledgement": _step(Role.OFFICER, _of("/acknowledgement")),
    f"POST {_AT}/{{request_id}}/extension": _step(
        Role.CHAIRMAN, _of("/extension"), reason="03/2022"
    ),
    f"POST {_AT}/{{request_id}}/answer": _step(
        Role.CHAIRMAN, _of("/answer"), reason="04/2022", granted=True
    ),
    f"POST {_AT}/{{request_id}}/lifting": _step(Role.CHAIRMAN, _of("/lifting"), reason="05/2022"),
    f"POST {_AT}/{{request_id}}/withdrawal": _step(
        Role.OFFICER, lambda place: f"{_AT}/{place.other_data_request}/withdrawal"
    ),
}

_ALIKE = "/v1/duplicates"


def _pair(act: str) -> Path:
    return lambda place: f"{_ALIKE}/{place.pair}{act}"


DUPLICATES: dict[str, RouteCase] = {
    f"GET {_ALIKE}": Reads(Role.OFFICER, lambda place: _ALIKE, "pair", True, "person"),
    f"GET {_ALIKE}/{{pair_id}}": Reads(Role.OFFICER, _pair(""), "pair", audited="person"),
    f"POST {_ALIKE}/claims": Writes(
        Role.OFFICER,
        lambda place: f"{_ALIKE}/claims",
        lambda place: {
            "household_id": str(place.household),
            "person_id": str(place.person),
            "type": "NIN",
            "value": "095188888",
            "evidence": "CMND 1/2022",
        },
        says=False,
    ),
    f"POST {_ALIKE}/{{pair_id}}/different": Writes(
        Role.OFFICER, _pair("/different"), lambda place: {"reason": "CCCD"}, says=False
    ),
    # Of what the line before proposed.
    f"POST {_ALIKE}/{{pair_id}}/withdrawal": Writes(
        Role.OFFICER, _pair("/withdrawal"), lambda place: {}, says=False
    ),
    f"POST {_ALIKE}/{{pair_id}}/same": Writes(
        Role.OFFICER,
        _pair("/same"),
        lambda place: {"keep": str(place.person), "reason": "CCCD"},
        says=False,
    ),
    f"POST {_ALIKE}/{{pair_id}}/confirmation": Writes(
        Role.CHAIRMAN,
        lambda place: f"{_ALIKE}/{place.proposed_pair}/confirmation",
        lambda place: {},
        says=False,
    ),
    f"POST {_ALIKE}/{{pair_id}}/undo": Writes(
        Role.OFFICER,
        lambda place: f"{_ALIKE}/{place.proposed_pair}/undo",
        lambda place: {"reason": "CCCD"},
        says=False,
    ),
}

PERSONS: dict[str, Reads] = {
    "GET /v1/persons/{person_id}/file": Reads(
        Role.OFFICER,
        lambda place: f"/v1/persons/{place.person}/file?stay={place.household},2021-01-01,",
        "person",
        audited="person",
        purpose="data-subject.thu-nghiem",
    ),
}
"""Of every service; what the register answers does not depend on `stay`."""
