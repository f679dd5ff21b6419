"""What every route of every service answers about whom. A new route states its case here."""

from typing import Any

from libs.common.ids import new_id
from libs.common.security.roles import Role
from tests.integration.registry.builders import STANDARD, a_household, a_member
from tests.support.route_kinds import Counts, Nobodys, Reads, RouteCase, Writes
from tests.support.worlds import HERE, Place

_BUS = Nobodys("the bus: envelopes without bodies, for operators of the whole service")
_PARTNERS = Nobodys("who the partners are and how they are told, for operators")
_TIME = Nobodys("the day of the law")
_PUBLIC = Nobodys("public facts")

FLOOR: dict[str, RouteCase] = {
    "GET /internal/v1/parked": _BUS,
    "GET /internal/v1/parked/{parked_id}": _BUS,
    "GET /internal/v1/parked/{parked_id}/values": Nobodys(
        "one parked event, for operators who say what for"
    ),
    "POST /internal/v1/parked/redrive": _BUS,
    "POST /internal/v1/parked/discard": _BUS,
    "GET /internal/v1/outbox/held": _BUS,
    "POST /internal/v1/outbox/release": _BUS,
    "POST /internal/v1/replays": _BUS,
    "GET /internal/v1/replays": _BUS,
    "DELETE /internal/v1/replays/{replay_id}": _BUS,
    "GET /internal/v1/progress": _BUS,
    "POST /internal/v1/progress/seen": _BUS,
    "GET /internal/v1/trace": _BUS,
}


PARTNERS: dict[str, RouteCase] = {
    "GET /internal/v1/partners": _PARTNERS,
    "POST /internal/v1/partners": _PARTNERS,
    "GET /internal/v1/partners/{partner}": _PARTNERS,
    "PUT /internal/v1/partners/{partner}": _PARTNERS,
    "DELETE /internal/v1/partners/{partner}": _PARTNERS,
    "GET /internal/v1/partners/{partner}/endpoints": _PARTNERS,
    "POST /internal/v1/partners/{partner}/endpoints": _PARTNERS,
    "GET /internal/v1/webhooks/{endpoint_id}": _PARTNERS,
    "GET /internal/v1/webhooks/{endpoint_id}/secrets": _PARTNERS,
    "POST /internal/v1/webhooks/{endpoint_id}/rotate": _PARTNERS,
    "POST /internal/v1/webhooks/{endpoint_id}/pause": _PARTNERS,
    "POST /internal/v1/webhooks/{endpoint_id}/resume": _PARTNERS,
    "POST /internal/v1/webhooks/{endpoint_id}/replay": _PARTNERS,
    "DELETE /internal/v1/webhooks/{endpoint_id}": _PARTNERS,
    "GET /internal/v1/webhooks/{endpoint_id}/failed": _PARTNERS,
}


def _changes(role: Role) -> Reads:
    return Reads(role, lambda place: "/v1/changes", is_list=True)


def _correction(place: Place) -> dict[str, Any]:
    body = a_household(a_member(), commune=place.commune)
    facts = ("residence", "is_farm_household", "members")
    return {name: body[name] for name in facts}


def _decision(place: Place) -> dict[str, Any]:
    return {
        "decision_id": str(new_id()),
        "number": f"{new_id().hex[-6:]}/QĐ-UBND",
        "kind": "recognise",
        "signed_on": "2022-03-01",
        "effective_on": "2022-03-01",
        "authority": "UBND xã",
        "commune": place.commune,
        "standard": STANDARD,
        "rows": [{"household_id": str(place.household), "status": "near_poor"}],
    }


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


# In this order the acts follow from each other: a need is recorded, voted on and withdrawn; another
# is confirmed, received, answered and paid out.
ROUTES: dict[str, dict[str, RouteCase]] = {
    "registry": {
        "GET /v1/areas": _PUBLIC,
        "GET /v1/areas/{code}": _PUBLIC,
        "POST /v1/households": Writes(
            Role.OFFICER,
            lambda place: "/v1/households",
            lambda place: a_household(commune=place.commune),
        ),
        "POST /v1/households/batches": Writes(
            Role.OFFICER,
            lambda place: "/v1/households/batches",
            lambda place: {"households": [a_household(commune=place.commune)]},
        ),
        "PUT /v1/households/{household_id}/members/{person_id}/identifiers/{kind}": Writes(
            Role.OFFICER,
            lambda place: (
                f"/v1/households/{place.household}/members/{place.person}/identifiers/BRN"
            ),
            lambda _: {"value": f"KS-{new_id().hex[-8:]}", "from_day": "2022-01-05"},
            says=False,
        ),
        "PUT /v1/households/{household_id}": Writes(
            Role.OFFICER,
            lambda place: f"/v1/households/{place.household}",
            _correction,
            {"If-Match": "*"},
        ),
        "GET /v1/households/{household_id}": Reads(
            Role.OFFICER, lambda place: f"/v1/households/{place.household}"
        ),
        "GET /v1/households": Reads(
            Role.PROVINCE, lambda place: "/v1/households?status=poor", is_list=True
        ),
        "POST /v1/decisions": Writes(Role.CHAIRMAN, lambda place: "/v1/decisions", _decision),
        "GET /v1/decisions/{decision_id}": Reads(
            Role.REVIEWER,
            lambda place: f"/v1/decisions/{place.decision}",
            shows="decision",
            audited="decision",
        ),
        **PARTNERS,
        "GET /internal/v1/partners/{partner}/dci": _PARTNERS,
        "PUT /internal/v1/partners/{partner}/dci": _PARTNERS,
        "GET /internal/v1/households": Reads(
            Role.OPERATOR, lambda place: "/internal/v1/households", is_list=True
        ),
    },
    "eligibility": {
        **PARTNERS,
        "GET /v1/changes": _changes(Role.INSURER),
        "GET /v1/households/{household_id}/entitlements": Reads(
            Role.OFFICER, lambda place: f"/v1/households/{place.household}/entitlements"
        ),
        "GET /v1/households/{household_id}/explanations": Reads(
            Role.OFFICER,
            lambda place: (
                f"/v1/households/{place.household}/explanations"
                f"?programme=insurance.HN&person={place.person}"
            ),
            shows="person",
            audited="person",
        ),
        "GET /v1/insurance/roll": Reads(
            Role.INSURER,
            lambda place: "/v1/insurance/roll",
            is_list=True,
            audited="person",
        ),
        "GET /v1/insurance/changes": Reads(
            Role.INSURER,
            lambda place: "/v1/insurance/changes?since=2022-01-01",
            is_list=True,
            audited="person",
        ),
        "GET /v1/training/offers": Reads(
            Role.TRAINING,
            lambda place: "/v1/training/offers",
            is_list=True,
            audited="person",
        ),
        "POST /internal/v1/sweeps": _TIME,
        "GET /internal/v1/sweeps/{day}": _TIME,
        "GET /internal/v1/law-day": _TIME,
    },
    "credit": {
        **PARTNERS,
        "GET /v1/changes": _changes(Role.BANK),
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
        "GET /v1/lists/{list_id}": Reads(
            Role.CHAIRMAN, lambda place: f"/v1/lists/{place.need_list}"
        ),
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
        "GET /v1/terms": _PUBLIC,
        "POST /internal/v1/sweeps": _TIME,
        "GET /internal/v1/sweeps/{day}": _TIME,
        "GET /internal/v1/law-day": _TIME,
    },
    "reporting": {
        "GET /v1/areas/{code}/indicators": Counts(
            Role.PROVINCE,
            lambda place: f"/v1/areas/{place.commune}/indicators?standard=ND07-2021&on=2022-02-01",
            lambda answer: answer["poor"]["households"],
        ),
        "GET /v1/areas/{code}/flows": Counts(
            Role.PROVINCE,
            lambda place: (
                f"/v1/areas/{place.commune}/flows"
                "?standard=ND07-2021&from=2021-12-31&until=2022-02-01"
            ),
            lambda answer: sum(_numbers(answer)),
        ),
        "GET /v1/areas/{code}/effects": Counts(
            Role.PROVINCE,
            lambda place: f"/v1/areas/{place.commune}/effects?on=2022-02-01",
            lambda answer: sum(row["households"] for row in answer["entitlements"]),
        ),
        "GET /v1/households/{household_id}/timeline": Reads(
            Role.OFFICER,
            lambda place: f"/v1/households/{place.household}/timeline",
            is_list=True,
        ),
    },
}


def _numbers(answer: Any) -> list[int]:
    """Every whole number somewhere in an answer."""
    if isinstance(answer, dict):
        return [number for value in answer.values() for number in _numbers(value)]
    if isinstance(answer, list):
        return [number for value in answer for number in _numbers(value)]
    return [answer] if isinstance(answer, int) and not isinstance(answer, bool) else []
