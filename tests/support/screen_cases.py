"""What the registry's screens answer about whom: each page states its case, as a route does."""

from typing import Any

from libs.common.security.roles import Role
from tests.support.reorganisation_cases import an_answer
from tests.support.route_kinds import Nobodys, Path, Reads, RouteCase, Writes
from tests.support.worlds import Place

_EVIDENCE = {
    "kind": "minutes",
    "number": "17/2022",
    "issued_on": "2022-05-20",
    "issued_by": "UBND xã",
}


def _reversal(place: Place) -> dict[str, Any]:
    """Of what another route has approved before; a household's version would be a guess."""
    proposal = {"kind": "reversal", "change_id": str(place.changes["approve"])}
    return {"proposal": proposal, "evidence": _EVIDENCE, "effective_on": "2022-06-01"}


def _of_change(step: str) -> Path:
    return lambda place: f"/screens/changes/{step}/reversal?change_id={place.changes['approve']}"


def _of_household(path: str) -> Path:
    return lambda place: f"/screens/changes/{path}?household_id={place.household}"


_PAIRS: dict[str, RouteCase] = {
    "GET /screens/duplicates": Reads(
        Role.OFFICER, lambda place: "/screens/duplicates", "pair", True, "person"
    ),
    "GET /screens/duplicates/{pair_id}": Reads(
        Role.OFFICER,
        lambda place: f"/screens/duplicates/{place.pair}",
        "household",
        audited="person",
    ),
    **{
        f"{method} /screens/duplicates/{{pair_id}}/clear": Reads(
            Role.OFFICER,
            lambda place: f"/screens/duplicates/{place.pair}/clear",
            "household",
            audited="person",
            body=body,
        )
        for method, body in (("GET", None), ("POST", lambda place: {}))
    },
    "POST /screens/duplicates/{pair_id}": Writes(
        Role.CHAIRMAN,
        lambda place: f"/screens/duplicates/{place.pair}",
        lambda place: {"act": "different", "reason": "CCCD"},
        says=False,
    ),
}
_CHANGES: dict[str, RouteCase] = {
    "GET /screens/changes": Reads(
        Role.OFFICER,
        lambda place: "/screens/changes",
        shows="asked_household",
        is_list=True,
        audited="asked_household",
    ),
    "GET /screens/changes/{change_id}": Reads(
        Role.OFFICER,
        lambda place: f"/screens/changes/{place.changes['approve']}",
        shows="asked_household",
        audited="asked_household",
    ),
    **{
        f"{method} /screens/changes/{{change_id}}/clear": Reads(
            Role.OFFICER,
            lambda place: f"/screens/changes/{place.changes['approve']}/clear",
            shows="asked_household",
            audited="asked_household",
            body=body,
        )
        for method, body in (("GET", None), ("POST", lambda place: {}))
    },
    "POST /screens/changes/{change_id}": Writes(
        Role.CHAIRMAN,  # what another route has endorsed before
        lambda place: f"/screens/changes/{place.changes['endorse']}",
        lambda place: {"act": "refuse", "reason": "không đủ giấy tờ"},
        says=False,
    ),
    "GET /screens/changes/new": Reads(Role.OFFICER, _of_household("new")),
    "GET /screens/changes/new/{kind}": Reads(Role.OFFICER, _of_household("new/birth")),
    "GET /screens/changes/ask/{kind}": Reads(Role.OFFICER, _of_household("ask/birth")),
    "POST /screens/changes/new/{kind}": Writes(
        Role.OFFICER, _of_change("new"), _reversal, says=False
    ),
    "POST /screens/changes/ask/{kind}": Writes(
        Role.OFFICER, _of_change("ask"), _reversal, says=False
    ),
}


def _import(act: str = "") -> Path:
    return lambda place: f"/screens/imports/{place.checked_import}{act}"


_IMPORTS: dict[str, RouteCase] = {
    "GET /screens/imports": Reads(
        Role.OFFICER,
        lambda place: "/screens/imports",
        "checked_import",
        is_list=True,
        audited="checked_import",
    ),
    "POST /screens/imports": Nobodys("a file of the sender's own, within its own areas"),
    "GET /screens/imports/{import_id}": Reads(
        Role.OFFICER, _import(), "checked_import", audited="checked_import"
    ),
    "GET /screens/imports/{import_id}/report": Reads(
        Role.OFFICER, _import("/report?format=csv&refused_only=false"), audited="checked_import"
    ),
    "POST /screens/imports/{import_id}/report": Reads(
        Role.OFFICER,
        _import("/report?format=csv&refused_only=false"),
        audited="checked_import",
        body=lambda place: {},
    ),
    "POST /screens/imports/{import_id}": Writes(
        Role.OFFICER, _import(), lambda place: {"act": "confirm"}, says=False
    ),
}


def _reorganisation(path: str = "") -> Path:
    return lambda place: f"/screens/reorganisations/{place.reorganisation}{path}"


def _done(path: str) -> Path:
    return lambda place: f"/screens/reorganisations/{place.done_reorganisation}{path}"


_AT = "/screens/reorganisations"
_REORGANISATIONS: dict[str, RouteCase] = {
    f"GET {_AT}": Reads(
        Role.PROVINCE,
        lambda place: _AT,
        "reorganisation",
        is_list=True,
        audited="reorganisation",
    ),
    f"POST {_AT}": Nobodys("a file of the sender's own, within its own areas"),
    f"GET {_AT}/{{reorganisation_id}}": Reads(
        Role.PROVINCE, _reorganisation(), "commune", audited="reorganisation"
    ),
    f"GET {_AT}/{{reorganisation_id}}/report": Reads(
        Role.PROVINCE, _reorganisation("/report?format=csv"), "commune", audited="reorganisation"
    ),
    f"GET {_AT}/{{reorganisation_id}}/open": Reads(
        Role.OFFICER, _done("/open"), "commune", audited="done_reorganisation"
    ),
    f"GET {_AT}/{{reorganisation_id}}/open/households": Reads(
        Role.OFFICER,
        lambda place: f"{_done('/open/households')(place)}?commune={place.commune}",
        audited="household",
    ),
    f"GET {_AT}/{{reorganisation_id}}/reclassified": Reads(
        Role.OFFICER, _done("/reclassified"), "moved_household", audited="moved_household"
    ),
    f"POST {_AT}/{{reorganisation_id}}": Writes(
        Role.PROVINCE, _reorganisation(), lambda place: {"act": "preview"}, says=False
    ),
    f"POST {_AT}/{{reorganisation_id}}/open": Writes(
        Role.OFFICER, _done("/open"), an_answer, says=False
    ),
    f"GET {_AT}/{{reorganisation_id}}/answers": Reads(
        Role.OFFICER, _done("/answers"), "answer", audited="done_reorganisation"
    ),
    f"POST {_AT}/{{reorganisation_id}}/answers": Writes(
        Role.OFFICER,
        _done("/answers"),
        lambda place: {"answer": str(place.more_answers[1]), "act": "refuse"},
        says=False,
    ),
    f"POST {_AT}/{{reorganisation_id}}/open/households": Writes(
        Role.OFFICER,
        lambda place: f"{_done('/open/households')(place)}?commune={place.commune}",
        an_answer,
        says=False,
    ),
}
_RIGHTS: dict[str, RouteCase] = {
    "GET /screens/data-requests": Reads(
        Role.OFFICER,
        lambda place: "/screens/data-requests",
        "household",
        is_list=True,
        audited="person",
    ),
    **{
        f"{method} /screens/persons/{{person_id}}/file": Reads(
            Role.OFFICER,
            lambda place: f"/screens/persons/{place.person}/file",
            "person",
            audited="person",
            body=body,
            purpose="data-subject.thu-nghiem",
        )
        for method, body in (("GET", None), ("POST", lambda place: {}))
    },
}
SCREENS: dict[str, RouteCase] = {
    **_RIGHTS,
    **_PAIRS,
    **_REORGANISATIONS,
    **_CHANGES,
    **_IMPORTS,
    "GET /screens/households": Reads(
        Role.OFFICER, lambda place: "/screens/households?find=1", is_list=True
    ),
    "POST /screens/households": Reads(
        Role.OFFICER,
        lambda place: "/screens/households",
        is_list=True,
        audited="person",
        body=lambda place: {"number": f"0951{place.commune}"},  # as `worlds` records it
    ),
    "POST /screens/households/{household_id}": Reads(
        Role.OFFICER, lambda place: f"/screens/households/{place.household}", body=lambda place: {}
    ),
    "GET /screens/households/{household_id}/timeline": Reads(
        Role.OFFICER, lambda place: f"/screens/households/{place.household}/timeline"
    ),
    "GET /screens/households/{household_id}": Reads(
        Role.OFFICER, lambda place: f"/screens/households/{place.household}"
    ),
}
