"""The told families as the register knows them, and change requests about them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansinh.demo.register.desk import COMMUNES, Desk, Person, chairman, officer
from ansinh.demo.register.families import FAMILIES
from ansinh.demo.register.telling import Teller

Body = dict[str, Any]
_REGISTRY = "/registry/v1"


@dataclass(frozen=True)
class House:
    """A household of the register: its id, and its members' ids by name."""

    household_id: str
    persons: Mapping[str, str]


async def find_houses(desk: Desk) -> dict[str, House]:
    """The told families by their code: found by their members' numbers, as any office would."""
    found = {}
    for code, family in FAMILIES.items():
        who, household_id, persons = officer(family.commune), "", {}
        for one in family.members:
            if one.number:
                body = {"type": "UIN", "value": one.number}
                lookup = f"{_REGISTRY}/persons/lookup"
                page = await desk.post(who, lookup, body, purpose="register")
                [person] = page["items"]
                household_id = person["household_id"]
                persons[one.name] = person["person_id"]
        whole = await desk.get(who, f"{_REGISTRY}/households/{household_id}")
        for one in family.members:  # who has no number is known by the day of birth
            if not one.number:
                born = {m["birth_date"]: m["person_id"] for m in whole["members"]}
                persons[one.name] = born[one.born.isoformat()]
        found[code] = House(household_id, persons)
    return found


@dataclass(frozen=True)
class Changes:
    """Asks for changes and has them decided, by as many persons as each takes."""

    desk: Desk
    teller: Teller

    async def read(self, who: Person, household_id: str) -> Any:
        return await self.desk.get(who, f"{_REGISTRY}/households/{household_id}")

    async def decide(
        self,
        commune: str,
        proposal: Body,
        evidence: tuple[str, str],
        *,
        persons: int,
        endorser: Person | None = None,
    ) -> Any:
        """One change on the day that it is: asked by an officer, decided by others.

        Args:
            commune: whose household it is.
            evidence: kind and number of the document.
            persons: how many must decide.
            endorser: the first of two; another officer of the commune where it is left out.
        """
        asked = await self.ask(commune, proposal, evidence)
        at = f"{_REGISTRY}/change-requests/{asked['change_id']}"
        number, count = asked["number"], asked["persons"]["count"]
        self.teller.check(f"{number} số người / persons", count, persons)
        if persons > 1:
            await self.desk.post(endorser or officer(commune, "b"), f"{at}/endorse")
        done = await self.desk.post(
            chairman(commune) if persons > 1 else officer(commune, "b"), f"{at}/approve"
        )
        self.teller.check(f"{number} tình trạng / state", done["state"], "applied")
        reason = asked["persons"]["reason"]
        self.teller.add(f"đề nghị {number}, {count} người quyết định: {reason['vi']}", reason["en"])
        return done

    async def ask(self, commune: str, proposal: Body, evidence: tuple[str, str]) -> Any:
        """Ask for a change as the commune's officer."""
        today = self.teller.clock.day.isoformat()
        kind, number = evidence
        paper = {"kind": kind, "number": number, "issued_on": today}
        body = {
            "proposal": proposal,
            "evidence": paper | {"issued_by": f"UBND xã {COMMUNES[commune]}"},
            "effective_on": today,
        }
        return await self.desk.post(officer(commune), f"{_REGISTRY}/change-requests", body)

    async def ref(self, commune: str, house: House) -> Body:
        """The household in the version that its officer has read."""
        whole = await self.read(officer(commune), house.household_id)
        return {"household_id": house.household_id, "version": whole["version"]}

    async def present(self, who: Person, household_id: str) -> dict[str, str]:
        """Who is a member now, and what each is to the head."""
        whole = await self.read(who, household_id)
        return {m["person_id"]: m["relation"] for m in whole["members"] if m["left_on"] is None}


def relations(*given: tuple[str, str]) -> Sequence[Body]:
    return [{"person_id": person, "relation": relation} for person, relation in given]
