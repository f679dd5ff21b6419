"""Officers and chairmen of two communes at work on change requests, by HTTP."""

from dataclasses import dataclass
from typing import Any

import httpx

from libs.common.security.roles import Role
from tests.integration.registry.builders import COMMUNE, NEIGHBOUR, a_household, a_member
from tests.support.edge import bearer

ASKER = bearer(Role.OFFICER, areas=[COMMUNE], subject="asker")
SECOND = bearer(Role.OFFICER, areas=[COMMUNE], subject="second")
CHAIRMAN = bearer(Role.CHAIRMAN, areas=[COMMUNE], subject="chairman")
DEPUTY = bearer(Role.CHAIRMAN, areas=[COMMUNE], subject="deputy")
NEIGHBOUR_OFFICER = bearer(Role.OFFICER, areas=[NEIGHBOUR], subject="neighbour")
NEIGHBOUR_CHAIRMAN = bearer(Role.CHAIRMAN, areas=[NEIGHBOUR], subject="neighbours-chairman")

EVIDENCE = {
    "kind": "birth_certificate",
    "number": "17/2022",
    "issued_on": "2022-05-20",
    "issued_by": "UBND xã Nghiên Loan",
}
Body = dict[str, Any]


@dataclass(frozen=True)
class Office:
    """Sends what people send, and answers what they get."""

    client: httpx.AsyncClient

    async def household(self, *members: Body, **facts: Any) -> Body:
        """A registered household: who stands in it, and how a request refers to it."""
        body = a_household(*members, **facts)
        who = bearer(Role.OFFICER, areas=[body["residence"]["commune"]])
        answer = await self.client.post("/v1/households", json=body, headers=who)
        assert answer.status_code == 201, answer.text
        return body

    async def ask(
        self, proposal: Body, *, by: Body = ASKER, status: int = 201, **rest: Any
    ) -> Body:
        answer = await self.client.post(
            "/v1/change-requests", json=wish(proposal, **rest), headers=by
        )
        return said(answer, status)

    async def preview(self, proposal: Body, *, status: int = 200, **rest: Any) -> Body:
        path = "/v1/change-requests/preview"
        answer = await self.client.post(path, json=wish(proposal, **rest), headers=ASKER)
        return said(answer, status)

    async def act(self, change: Body, act: str, by: Body, status: int = 200, **body: Any) -> Body:
        path = f"/v1/change-requests/{change['change_id']}/{act}"
        return said(await self.client.post(path, json=body or None, headers=by), status)

    async def decide(self, change: Body, *, endorser: Body = SECOND) -> Body:
        """Approved by as many persons as it takes."""
        if change["persons"]["count"] > 1:
            await self.act(change, "endorse", endorser)
        return await self.act(change, "approve", CHAIRMAN)

    async def read(self, household_id: str, by: Body = ASKER) -> Body:
        return said(await self.client.get(f"/v1/households/{household_id}", headers=by), 200)


def wish(proposal: Body, **rest: Any) -> Body:
    return {"proposal": proposal, "evidence": EVIDENCE, "effective_on": "2022-05-20"} | rest


def said(answer: httpx.Response, status: int) -> Body:
    assert answer.status_code == status, answer.text
    body: Body = answer.json()
    return body


def ref(household: Body, version: int = 1) -> Body:
    return {"household_id": household["household_id"], "version": version}


def a_family(commune: str = COMMUNE) -> tuple[Body, Body, Body]:
    """Head, spouse and child."""
    head = a_member()
    spouse = a_member(relation="spouse", sex="male", birth_date="1979-02-02")
    child = a_member(relation="child", birth_date="2001-03-02", joined_on="2005-01-01")
    return head, spouse, child


def a_birth(household: Body, version: int = 1) -> Body:
    return {
        "kind": "birth",
        "household": ref(household, version),
        "children": [{"sex": "female", "ethnicity": "tay"}],
    }


def a_correction(household: Body, version: int = 1, **facts: Any) -> Body:
    """Of what is known of the second member."""
    person = household["members"][1]["person_id"]
    return {
        "kind": "correction",
        "household": ref(household, version),
        "members": [{"person_id": person} | facts],
    }


def rules(problem: Body) -> set[tuple[str, str]]:
    return {(error["pointer"], error["rule"]) for error in problem["errors"]}
