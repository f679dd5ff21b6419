"""What every route of credit answers about whom; see `route_cases`."""

from typing import Any

from libs.common.ids import new_id
from libs.common.security.roles import Role
from services.credit.files.form import TITLES
from tests.support.route_kinds import Counts, Nobodys, Reads, RouteCase, Writes
from tests.support.worlds import HERE, Place


def _paid(_: Place) -> dict[str, Any]:
    return {"paid_on": "2022-05-25", "amount": 20_000_000, "contract_number": "HD-1"}


_MATCH = {"If-Match": "*"}
_BOOKS = {"balances": {"in_term": 40_000_000}, "interest": {"in_term": 220_000}}


def _of_loan(act: str, body: dict[str, Any], role: Role = Role.BANK) -> Writes:
    return Writes(role, lambda place: f"/v1/loans/{place.loan}/{act}", lambda _: body, _MATCH)


def _of_group(act: str, body: dict[str, Any]) -> Writes:
    def path(place: Place) -> str:
        return f"/v1/groups/{place.group}/{act}".replace("{household}", str(place.household))

    return Writes(Role.BANK, path, lambda _: body, says=False)


def _items_here(answer: Any) -> int:
    return sum(item["commune"] == HERE for item in answer["items"])


# In the order in which one loan can live through them.
_LOANS: dict[str, RouteCase] = {
    "GET /v1/loans": Reads(Role.BANK, lambda place: "/v1/loans", is_list=True),
    "GET /v1/loans/{loan_id}": Reads(Role.BANK, lambda place: f"/v1/loans/{place.loan}"),
    "PUT /v1/loans/{loan_id}/statements/{month}": _of_loan("statements/2022-03", _BOOKS),
    "POST /v1/loans/statements": Writes(
        Role.BANK,
        lambda place: "/v1/loans/statements",
        lambda place: {"lines": [{"loan_id": str(place.loan), "month": "2022-04", **_BOOKS}]},
        refused=(200,),
    ),
    "PUT /v1/loans/{loan_id}/extension": _of_loan(
        "extension", {"until": "2027-12-31", "document": "GH-1/2022"}
    ),
    "PUT /v1/loans/{loan_id}/use-check": _of_loan(
        "use-check", {"checked_on": "2022-03-01", "used_as_agreed": True}, Role.OFFICER
    ),
    "PUT /v1/loans/{loan_id}/freeze": _of_loan(
        "freeze", {"from": "2022-05-01", "months": 36, "document": "KN-1/2022"}
    ),
    "PUT /v1/loans/{loan_id}/write-off": _of_loan(
        "write-off", {"on": "2022-05-31", "document": "XN-1/2022"}
    ),
    "PUT /v1/loans/{loan_id}/closing": Writes(
        Role.BANK,
        lambda place: f"/v1/loans/{place.second_loan}/closing",
        lambda _: {"on": "2022-05-31"},
        _MATCH,
    ),
}

_GROUPS: dict[str, RouteCase] = {
    "POST /v1/groups": Writes(
        Role.BANK,
        lambda place: "/v1/groups",
        lambda place: {
            "group_id": str(new_id()),
            "commune": place.commune,
            "village": "Thôn 2",
            "union": "women",
            "founded_on": "2022-01-10",
        },
        says=False,
    ),
    "GET /v1/groups": Counts(Role.BANK, lambda place: "/v1/groups", _items_here),
    "GET /v1/groups/reviews-due": Counts(
        Role.BANK, lambda place: "/v1/groups/reviews-due", _items_here
    ),
    "GET /v1/groups/{group_id}": Reads(Role.BANK, lambda place: f"/v1/groups/{place.group}"),
    "PUT /v1/groups/{group_id}/members/{household_id}": _of_group(
        "members/{household}", {"joined_on": "2022-02-01"}
    ),
    "DELETE /v1/groups/{group_id}/members/{household_id}": _of_group(
        "members/{household}?left_on=2022-05-01", {}
    ),
    "PUT /v1/groups/{group_id}/grade": _of_group(
        "grade", {"grade": "good", "graded_on": "2022-05-01"}
    ),
    "PUT /v1/groups/{group_id}/reviews/{year}": _of_group(
        "reviews/2022", {"done_on": "2022-05-01"}
    ),
    "GET /v1/plans": Counts(Role.BANK, lambda place: "/v1/plans", _items_here),
    "PUT /v1/plans/{commune}/{source}/{programme}/{year}": Writes(
        Role.PROVINCE,
        lambda place: f"/v1/plans/{place.commune}/local/01/2022",
        lambda _: {"amount": 300_000_000, "document": "KH-2/2022"},
        says=False,
    ),
}


def _need(place: Place) -> dict[str, Any]:
    return {
        "referral_id": str(place.other_referral),
        "purpose": "Mua bò sinh sản",
        "amount": 20_000_000,
        "months": 36,
        "source": "central",
        "applied_on": "2022-05-01",
    }


def _list(place: Place) -> dict[str, Any]:
    return {
        "list_id": str(new_id()),
        "commune": place.commune,
        "voted_on": "2022-05-10",
        "minutes_number": "02/10C",
        "entries": [{"need_id": str(place.other_need), "votes_for": 9, "votes_against": 1}],
    }


def _confirmation(place: Place) -> dict[str, Any]:
    entries = [{"need_id": str(place.need), "is_confirmed": True}]
    return {"confirmed_on": "2022-05-16", "entries": entries}


def _outcome(place: Place) -> bytes:
    titles = f"{TITLES['referral_id']},{TITLES['received_on']}"
    return f"{titles}\n{place.sent_referral},17/05/2022\n".encode()


_FILES: dict[str, RouteCase] = {
    "GET /v1/files/03-td": Reads(
        Role.BANK,
        lambda place: "/v1/files/03-td?format=csv",
        shows="sent_household",
        is_list=True,
        audited="sent_household",
    ),
    "POST /v1/files/outcomes": Writes(
        Role.BANK, lambda place: "/v1/files/outcomes", _outcome, refused=(200,)
    ),
    "GET /v1/files/outcomes/{file_id}": Nobodys("how far a partner's own file is"),
    "GET /v1/files/outcomes/{file_id}/report": Nobodys(
        "what a partner sent itself, and our answer"
    ),
}


# In this order the acts follow from each other: a need is recorded, voted on and withdrawn; another
# is confirmed, received, answered and paid out.
CREDIT: dict[str, RouteCase] = {
    "GET /v1/referrals": Reads(Role.BANK, lambda place: "/v1/referrals", is_list=True),
    "GET /v1/referrals/{referral_id}": Reads(
        Role.BANK, lambda place: f"/v1/referrals/{place.referral}"
    ),
    "GET /v1/needs": Reads(Role.BANK, lambda place: "/v1/needs", is_list=True),
    "GET /v1/needs/{need_id}": Reads(Role.OFFICER, lambda place: f"/v1/needs/{place.need}"),
    "PUT /v1/needs/{need_id}": Writes(
        Role.OFFICER, lambda place: f"/v1/needs/{place.other_need}", _need
    ),
    "GET /v1/lists": Reads(
        Role.PROVINCE,
        lambda place: "/v1/lists",
        shows="need_list",
        is_list=True,
        audited="need_list",
    ),
    "GET /v1/lists/{list_id}": Reads(Role.CHAIRMAN, lambda place: f"/v1/lists/{place.need_list}"),
    "POST /v1/lists": Writes(Role.OFFICER, lambda place: "/v1/lists", _list),
    "PUT /v1/needs/{need_id}/withdrawal": Writes(
        Role.OFFICER,
        lambda place: f"/v1/needs/{place.other_need}/withdrawal",
        lambda place: {"on": "2022-05-20", "reason": "Hộ không còn nhu cầu"},
    ),
    "POST /v1/lists/{list_id}/confirmation": Writes(
        Role.CHAIRMAN, lambda place: f"/v1/lists/{place.need_list}/confirmation", _confirmation
    ),
    "PUT /v1/referrals/{referral_id}/receipt": Writes(
        Role.BANK,
        lambda place: f"/v1/referrals/{place.referral}/receipt",
        lambda place: {"received_on": "2022-05-17"},
        {"If-Match": "*"},
    ),
    "PUT /v1/referrals/{referral_id}/answer": Writes(
        Role.BANK,
        lambda place: f"/v1/referrals/{place.referral}/answer",
        lambda place: {"approved": True, "answered_on": "2022-05-20"},
        {"If-Match": "*"},
    ),
    "PUT /v1/referrals/{referral_id}/disbursement": Writes(
        Role.BANK,
        lambda place: f"/v1/referrals/{place.referral}/disbursement",
        _paid,
        {"If-Match": "*"},
    ),
    **_LOANS,
    **_GROUPS,
    **_FILES,
}
