"""What every route of every service answers about whom. A new route states its case here."""

from typing import Any

from libs.common.ids import new_id
from libs.common.security.roles import Role
from tests.integration.registry.builders import STANDARD, a_household
from tests.support.change_cases import CHANGES
from tests.support.credit_cases import CREDIT
from tests.support.import_cases import IMPORTS
from tests.support.registry_cases import DUPLICATES, PERSONS, RIGHTS
from tests.support.reorganisation_cases import REORGANISATIONS
from tests.support.route_kinds import Counts, Nobodys, Path, Reads, RouteCase, Writes
from tests.support.screen_cases import SCREENS
from tests.support.worlds import Place

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
    "DELETE /internal/v1/webhooks/{endpoint_id}/failed": _PARTNERS,
}


def _changes(role: Role) -> Reads:
    return Reads(role, lambda place: "/v1/changes", is_list=True)


def _reconciliations(role: Role) -> dict[str, RouteCase]:
    """Of what a partner sends there is no place: its scope is fixed when it is opened."""
    at = "/v1/reconciliations"
    own = Nobodys("a list of the partner's own, sent by itself")

    def of(act: str) -> Path:
        return lambda place: f"{at}/{place.reconciliation}{act}"

    def read(path: Path, *, is_list: bool = False) -> Reads:
        return Reads(role, path, "reconciliation", is_list, "reconciliation")

    return {
        f"POST {at}": own,
        f"GET {at}": read(lambda place: at, is_list=True),
        f"GET {at}/{{reconciliation_id}}": read(of("")),
        f"PUT {at}/{{reconciliation_id}}/pages/{{page}}": own,
        f"POST {at}/{{reconciliation_id}}/close": Writes(
            role, of("/close"), lambda place: {"pages": 0}, says=False
        ),
        f"POST {at}/{{reconciliation_id}}/cancel": own,
        f"POST {at}/{{reconciliation_id}}/answer": Writes(
            role,
            of("/answer"),
            lambda place: {"answered_on": "2022-06-01", "document": "BB-06/2022"},
            says=False,
        ),
        f"GET /internal{at}": _PARTNERS,
        f"GET /internal{at}/{{reconciliation_id}}": _PARTNERS,
        f"GET {at}/{{reconciliation_id}}/differences": Reads(role, of("/differences")),
    }


def _correction(place: Place) -> dict[str, Any]:
    body = a_household(commune=place.commune)
    facts = {name: body[name] for name in ("residence", "is_farm_household")}
    head, child = body["members"]
    head |= {"person_id": str(place.head), "has_pension": True}
    return {**facts, "members": [head, child | {"person_id": str(place.person)}]}


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


def _cards(place: Place) -> dict[str, Any]:
    """The insurer issues the card that it refused before."""
    line = {"household_id": str(place.household), "person_id": str(place.person), "group": "HN"}
    card = {"card_reference": str(new_id()), "valid_from": "2022-01-01"}
    answer = {"roll_version": 1, "number": 2, "state": "issued", "answered_on": "2022-06-01"}
    return {"lines": [{**line, "from_day": "2022-01-01", **answer, **card}]}


ROUTES: dict[str, dict[str, RouteCase]] = {
    "registry": {
        **PERSONS,
        **DUPLICATES,
        **RIGHTS,  # before a correction puts others in the place of the household's members
        "GET /v1/areas": _PUBLIC,
        "GET /v1/areas/{code}": _PUBLIC,
        "GET /v1/purposes": _PUBLIC,
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
            lambda place: {"value": f"KS-{place.person.hex[-8:]}", "from_day": "2022-01-05"},
            says=False,
        ),
        "PUT /v1/households/{household_id}/members/{person_id}/identity": Writes(
            Role.OFFICER,
            lambda place: f"/v1/households/{place.household}/members/{place.person}/identity",
            lambda _: {"address": "Bản Nà Muồng", "from_day": "2022-01-05"},
            {"If-Match": "*"},
            says=False,
        ),
        "GET /v1/households/{household_id}/members/{person_id}/identity": Reads(
            Role.OFFICER,
            lambda place: f"/v1/households/{place.household}/members/{place.person}/identity",
            shows="person",
            audited="person",
        ),
        "POST /v1/persons/search": Reads(
            Role.OFFICER,
            lambda _: "/v1/persons/search",
            shows="person",
            is_list=True,
            audited="person",
            body=lambda place: {"name": "mai ly", "commune": place.commune},
        ),
        "POST /v1/persons/lookup": Reads(
            Role.OFFICER,
            lambda place: "/v1/persons/lookup",
            shows="person",
            is_list=True,
            audited="person",
            body=lambda place: {"type": "NIN", "value": f"0951{place.commune}"},
        ),
        "POST /v1/persons/print": Reads(
            Role.OFFICER,
            lambda place: "/v1/persons/print",
            shows="person",
            is_list=True,
            audited="person",
            body=lambda place: {"person_ids": [str(place.person)]},
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
        "GET /v1/households/{household_id}/timeline": Reads(
            Role.OFFICER, lambda place: f"/v1/households/{place.household}/timeline", "decision"
        ),
        "GET /v1/households": Reads(
            Role.PROVINCE, lambda place: "/v1/households?status=poor", is_list=True
        ),
        **IMPORTS,
        "POST /v1/decisions": Writes(Role.CHAIRMAN, lambda place: "/v1/decisions", _decision),
        "GET /v1/decisions/{decision_id}": Reads(
            Role.REVIEWER,
            lambda place: f"/v1/decisions/{place.decision}",
            shows="decision",
            audited="decision",
        ),
        **CHANGES,
        **PARTNERS,
        "GET /internal/v1/partners/{partner}/dci": _PARTNERS,
        "PUT /internal/v1/partners/{partner}/dci": _PARTNERS,
        "GET /internal/v1/dci/received": _PARTNERS,
        "GET /internal/v1/dci/received/values": Nobodys(
            "one message of another registry, for operators who say what for"
        ),
        "GET /internal/v1/households": Reads(
            Role.OPERATOR, lambda place: "/internal/v1/households", is_list=True
        ),
        **SCREENS,  # after what they are about
        **REORGANISATIONS,  # last: they move the household
    },
    "eligibility": {
        **PARTNERS,
        "GET /v1/changes": _changes(Role.INSURER),
        **_reconciliations(Role.INSURER),
        **PERSONS,
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
        "GET /v1/files/d03-ts": Reads(
            Role.INSURER,
            lambda place: "/v1/files/d03-ts?from=2022-01-01&format=csv",
            is_list=True,
            audited="person",
        ),
        "GET /v1/insurance/cards": Reads(
            Role.INSURER,
            lambda place: "/v1/insurance/cards?state=rejected",
            is_list=True,
            audited="person",
        ),
        "GET /v1/households/{household_id}/cards": Reads(
            Role.OFFICER, lambda place: f"/v1/households/{place.household}/cards"
        ),
        "POST /v1/insurance/cards": Writes(
            Role.INSURER, lambda place: "/v1/insurance/cards", _cards, refused=(200,)
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
        **_reconciliations(Role.BANK),
        **PERSONS,
        **CREDIT,
        "GET /v1/terms": _PUBLIC,
        "POST /internal/v1/sweeps": _TIME,
        "GET /internal/v1/sweeps/{day}": _TIME,
        "GET /internal/v1/law-day": _TIME,
    },
    "reporting": {
        **PERSONS,
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
