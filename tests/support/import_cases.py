"""What the routes of imports and exports answer about whom."""

from libs.common.security.roles import Role
from tests.support.route_kinds import Nobodys, Path, Reads, RouteCase, Writes

_AT = "/v1/imports"


def _open(act: str) -> Path:
    return lambda place: f"{_AT}/{place.open_import}{act}"


def _checked(act: str) -> Path:
    return lambda place: f"{_AT}/{place.checked_import}{act}"


IMPORTS: dict[str, RouteCase] = {
    f"POST {_AT}": Nobodys("a file of the sender's own, within its own areas"),
    f"GET {_AT}": Reads(
        Role.OFFICER, lambda _: _AT, "checked_import", is_list=True, audited="checked_import"
    ),
    f"GET {_AT}/{{import_id}}": Reads(
        Role.OFFICER, _checked(""), "checked_import", audited="checked_import"
    ),
    f"GET {_AT}/{{import_id}}/report": Reads(
        Role.OFFICER, _checked("/report?format=csv&refused_only=false"), audited="checked_import"
    ),
    f"PUT {_AT}/{{import_id}}/parts/{{part}}": Writes(
        Role.OFFICER, _open("/parts/2"), lambda _: b"\n", says=False
    ),
    f"POST {_AT}/{{import_id}}/close": Writes(
        Role.OFFICER, _open("/close"), lambda _: {"parts": 2}, says=False
    ),
    f"POST {_AT}/{{import_id}}/cancel": Writes(
        Role.OFFICER, _open("/cancel"), lambda _: {}, says=False
    ),
    f"POST {_AT}/{{import_id}}/confirm": Writes(
        Role.OFFICER, _checked("/confirm"), lambda _: {}, says=False
    ),
    "GET /v1/exports/households": Reads(
        Role.OFFICER, lambda _: "/v1/exports/households?format=csv", is_list=True
    ),
}
