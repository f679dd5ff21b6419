"""What the tables hold of a register's households, in the text form of COPY.

By the services' own seals, hashes and events; only what an event's members say is put together
here, for speed (`tests/integration/registry/test_register_of_size.py` compares).
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from functools import cache, lru_cache
from uuid import UUID

from benchmarks.people import REGISTERED_ON, Chunk, Home, homes
from libs.common.clock import start_of_day
from libs.common.contracts.envelope import encode
from libs.common.contracts.household import REGISTERED, HouseholdAct
from libs.common.ids import new_id
from services.registry.areas.store import CommuneFacts
from services.registry.duplicates.domain import Profile
from services.registry.duplicates.keys import keys_of
from services.registry.households.domain import HouseholdFacts, MemberFacts
from services.registry.households.events import household_data, stored
from services.registry.reviews.domain import derive_timeline
from services.registry.vault.acts import PersonIdentity
from services.registry.vault.domain import digest, words
from services.registry.vault.store import ADDRESSES, NAMES, NUMBERS
from tests.support.vault import VAULT

RECORDED_AT = datetime(2021, 12, 20, tzinfo=UTC)
COLUMNS = {
    "household": "household_id commune registered_on digest correlation_id recorded_at",
    "household_fact": "household_id effective recorded commune residence is_farm_household village",
    "member": "household_id person_id recorded commune place birth_date birth_year sex ethnicity "
    "relation disability schooling employment has_pension joined_on is_low_income_worker",
    "household_code": "commune code household_id recorded_at",
    "person_name": "person_id effective recorded sealed tokens commune birth_year",
    "name_token": "token commune birth_year person_id",
    "duplicate_key": "key person_id",
    "person_address": "person_id effective recorded sealed",
    "identifier": "person_id type effective recorded hash sealed",
    "stream_head": "stream subject version",
    "event_log": "event_id stream subject version type body occurred_at recorded_at correlation_id",
    "audit_line": "line_id recorded_at caller roles kind act subject_kind subjects correlation_id",
    "audit_subject": "subject line_id",
}
_AT, _NULL = RECORDED_AT.isoformat(), "\\N"
_KNOWN = f'["{_AT}",)'
_HELD, _REGISTERED = f"[{REGISTERED_ON},)\t{_KNOWN}", start_of_day(REGISTERED_ON).isoformat()
_SUBJECT, _EVENT, _ACT_ID = (UUID(int=number) for number in (1, 2, 3))
_SINCE = date(1001, 1, 1)
_ACT = "POST /v1/households/batches"
_UNDECIDED = derive_timeline(())
_REGISTERED_BY = HouseholdAct.model_construct(
    kind="register", effective_on=REGISTERED_ON, recorded_at=RECORDED_AT, decision_id=None
)


def rows_of(chunk: Chunk, unit: CommuneFacts) -> dict[str, list[str]]:
    """What the tables hold of the chunk's households, in the text form of COPY."""
    rows: dict[str, list[str]] = {table: [] for table in COLUMNS}
    body = _body(unit)
    subjects = []
    for home in homes(chunk):
        people = [str(person.person_id) for person in home.identities]
        subjects.append(_add_household(rows, home, people, body))
        for one, person, member in zip(people, home.identities, home.facts.members, strict=True):
            _add_identity(rows, one, person, chunk.commune, member.year)
            if person.name is not None:
                _add_keys(rows, one, person.name, home.facts, member)
    line = chunk.number + 1
    rows["audit_line"].append(
        f"{line}\t{_AT}\ttester\tofficer\twrite\t{_ACT}\thousehold\t"
        f"{{{','.join(subjects)}}}\t{new_id()}\n"
    )
    rows["audit_subject"] += [f"{subject}\t{line}\n" for subject in subjects]
    return rows


def _body(unit: CommuneFacts) -> str:
    """An event of the commune, of a household of nobody; what differs is put in its places."""
    facts = HouseholdFacts(_SUBJECT, REGISTERED_ON, unit.code, _SINCE, False, ())
    return encode(
        event_id=_EVENT,
        source="/services/registry",
        event_type=REGISTERED,
        subject=_SUBJECT,
        version=1,
        time=start_of_day(REGISTERED_ON),
        recorded_at=RECORDED_AT,
        correlation_id=_ACT_ID,
        causation_id=None,
        traceparent=None,
        data=household_data(stored(facts, 1), unit, (), _UNDECIDED, _REGISTERED_BY, ()),
    ).decode()


def _add_household(rows: dict[str, list[str]], home: Home, people: Sequence[str], body: str) -> str:
    facts = home.facts
    one, act, commune = str(facts.household_id), str(home.correlation_id), facts.commune
    event_id, since = str(new_id()), str(facts.lives_there_from)
    rows["household"].append(
        f"{one}\t{commune}\t{REGISTERED_ON}\t{_hex(home.digest)}\t{act}\t{_AT}\n"
    )
    rows["household_fact"].append(
        f"{one}\t[{since},)\t{_KNOWN}\t{commune}\t{commune}\t{facts.is_farm_household}\t"
        f"{facts.village}\n"
    )
    rows["household_code"].append(f"{commune}\t{home.code}\t{one}\t{_AT}\n")
    rows["stream_head"].append(f"household\t{one}\t1\n")
    told = []
    for place, (person, who) in enumerate(zip(people, facts.members, strict=True)):
        born = None if who.birth_date is None else str(who.birth_date)
        pension = "true" if who.has_pension else "false"
        rows["member"].append(
            f"{one}\t{person}\t{_KNOWN}\t{commune}\t{place}\t{born or _NULL}\t{who.year}\t"
            f"{who.sex}\t{who.ethnicity}\t{who.relation}\t{who.disability}\t{who.schooling}\t"
            f"{who.employment}\t{pension}\t{who.joined_on}\tfalse\n"
        )
        told.append(
            f'{{"person_id":"{person}","birth_date":{_quoted(born)},"birth_year":{who.year},'
            f'"sex":"{who.sex}","ethnicity":"{who.ethnicity}","relation":"{who.relation}",'
            f'"disability":"{who.disability}","schooling":"{who.schooling}",'
            f'"employment":"{who.employment}","has_pension":{pension},'
            f'"joined_on":"{who.joined_on}","left_on":null,"is_low_income_worker":false,'
            '"left_reason":null}'
        )
    said = (
        body.replace(str(_SUBJECT), one)
        .replace(str(_EVENT), event_id)
        .replace(str(_ACT_ID), act)
        .replace(str(_SINCE), since)
        .replace('"members":[]', f'"members":[{",".join(told)}]')
    )
    if facts.is_farm_household:
        said = said.replace('"is_farm_household":false', '"is_farm_household":true')
    # All of it is ASCII without a backslash: as it stands it is a bytea's text, too.
    rows["event_log"].append(
        f"{event_id}\thousehold\t{one}\t1\t{REGISTERED}\t{said}\t{_REGISTERED}\t{_AT}\t{act}\n"
    )
    return one


def _add_identity(
    rows: dict[str, list[str]], one: str, person: PersonIdentity, commune: str, year: int
) -> None:
    about = person.person_id
    if person.name is not None:
        tokens = _tokens(person.name)
        sealed = _hex(VAULT.keys.seal(person.name, NAMES.about(about)))
        rows["person_name"].append(
            f"{one}\t{_HELD}\t{sealed}\t{{{','.join(tokens)}}}\t{commune}\t{year}\n"
        )
        rows["name_token"] += [f"{token}\t{commune}\t{year}\t{one}\n" for token in tokens]
    if person.address is not None:
        sealed = _hex(VAULT.keys.seal(person.address, ADDRESSES.about(about)))
        rows["person_address"].append(f"{one}\t{_HELD}\t{sealed}\n")
    for kind, value in person.numbers.items():
        sealed = _hex(VAULT.keys.seal(value, NUMBERS.about(about, kind)))
        hashed = _hex(digest(VAULT.hash_key, kind, value))
        rows["identifier"].append(f"{one}\t{kind}\t{_HELD}\t{hashed}\t{sealed}\n")


def _add_keys(
    rows: dict[str, list[str]], one: str, name: str, home: HouseholdFacts, member: MemberFacts
) -> None:
    """What the search for persons recorded twice files a person under."""
    profile = Profile(
        person_id=member.person_id,
        household_id=home.household_id,
        commune=home.commune,
        name=name,
        birth_date=member.birth_date,
        birth_year=member.year,
        sex=member.sex,
        ethnicity=member.ethnicity,
        numbers={},
    )
    keys = VAULT.hashes("alike", keys_of(profile).filed)
    rows["duplicate_key"] += [f"{key}\t{one}\n" for key in keys]


def _quoted(text: str | None) -> str:
    return "null" if text is None else f'"{text}"'


@lru_cache(100_000)
def _tokens(name: str) -> list[str]:
    return [_token(word) for word in words(name)]


@cache
def _token(word: str) -> str:
    [token] = VAULT.hashes("name", [word])
    return str(token)


def _hex(content: bytes) -> str:
    return f"\\\\x{content.hex()}"
