"""What the registry's screens answer about whom: each page states its case, as a route does."""

from libs.common.security.roles import Role
from tests.support.route_kinds import Reads, RouteCase

SCREENS: dict[str, RouteCase] = {
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
    "GET /screens/households/{household_id}": Reads(
        Role.OFFICER, lambda place: f"/screens/households/{place.household}"
    ),
}
