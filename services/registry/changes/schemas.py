"""What officers send about change requests, and what they read back."""

from collections.abc import Collection, Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any
from unicodedata import normalize
from uuid import UUID

from pydantic import BaseModel, Field

from libs.common.problems import Text
from libs.common.security.encryption import Vault
from libs.common.web.days import Day
from libs.common.web.schemas import ProblemText
from services.registry.changes.acts import Preview, Wish
from services.registry.changes.domain import (
    OTHER_COMMUNE,
    Kind,
    Persons,
    State,
    persons_row,
)
from services.registry.changes.facts import Fact, FactChange
from services.registry.changes.naming import MARK, Named, opened
from services.registry.changes.people import Input
from services.registry.changes.proposals import PROPOSAL, Proposal
from services.registry.changes.store import StoredChange
from services.registry.vault.domain import HIDDEN, IdentifierType, masked


class DocumentKind(StrEnum):
    """What proves a change (giấy tờ kèm theo)."""

    BIRTH_CERTIFICATE = "birth_certificate"  # giấy khai sinh
    DEATH_EXTRACT = "death_extract"  # trích lục khai tử
    MARRIAGE_CERTIFICATE = "marriage_certificate"  # giấy chứng nhận kết hôn
    RESIDENCE_CONFIRMATION = "residence_confirmation"  # xác nhận thông tin về cư trú
    IDENTITY_DOCUMENT = "identity_document"  # căn cước và giấy tờ tùy thân khác
    DISABILITY_CERTIFICATE = "disability_certificate"  # giấy xác nhận khuyết tật
    JUDGMENT = "judgment"  # bản án, quyết định của Tòa án
    DECISION = "decision"  # quyết định hành chính
    MINUTES = "minutes"  # biên bản
    APPLICATION = "application"  # đơn đề nghị
    OTHER = "other"


class EvidenceIn(Input):
    """The document behind a change. `file_hash` is the SHA-256 of its scan, where there is one."""

    kind: DocumentKind
    number: str = Field(min_length=1, max_length=64, pattern=r"\S", examples=["12/2022"])
    issued_on: Day
    issued_by: str = Field(min_length=1, max_length=200, examples=["UBND xã Nghiên Loan"])
    file_hash: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")] | None = None

    def stored(self) -> dict[str, Any]:
        """Without its number, which is sealed: some name a person."""
        said = self.model_dump(mode="json", exclude={"number"})
        return said | {"issued_by": _tidy(self.issued_by)}


class ChangeIn(Input):
    """A change that is asked for; it holds from `effective_on` on, which may lie in the past."""

    proposal: Proposal
    evidence: EvidenceIn
    effective_on: Day

    def wish(self, by: str, correlation_id: UUID) -> Wish:
        return Wish(
            proposal=self.proposal,
            evidence=self.evidence.stored(),
            evidence_number=_tidy(self.evidence.number),
            evidence_on=self.evidence.issued_on,
            effective_on=self.effective_on,
            by=by,
            correlation_id=correlation_id,
        )


class RefusalIn(Input):
    """Why a request is refused; told to whoever asked."""

    reason: str = Field(
        min_length=1,
        max_length=1000,
        pattern=r"\S",
        description="Không ghi họ tên, số định danh / no names, no numbers of persons",
    )


class DecisionAct(StrEnum):
    """What a person does with a request."""

    ENDORSE = "endorse"
    APPROVE = "approve"
    REFUSE = "refuse"
    WITHDRAW = "withdraw"


class ActIn(Input):
    """A decision as the screens send it; a refusal needs its reason."""

    act: DecisionAct
    reason: str | None = Field(None, max_length=1000)


class FactChangeOut(BaseModel):
    """One fact, of a household or of a person in it; null where there is none before or after."""

    household_id: UUID
    person_id: UUID | None
    fact: Fact
    before: dict[str, Any] | None
    after: dict[str, Any] | None


class DecidersOut(BaseModel):
    """How many persons decide, and why; `is_confirmed`: the legal basis has been read."""

    count: int
    reason: ProblemText
    is_confirmed: bool


class TouchedOut(BaseModel):
    """The version that a request was written against, and the one that it made."""

    household_id: UUID
    version_read: int | None
    version_written: int | None


class ChangeStepOut(BaseModel):
    """Who brought the request into a state, and when."""

    state: State
    by: str
    reason: str | None
    recorded_at: datetime


class EvidenceOut(BaseModel):
    """The document; its number is masked unless a registered purpose is stated."""

    kind: DocumentKind
    number: str
    issued_on: date
    issued_by: str
    file_hash: str | None


class NamedOut(BaseModel):
    """What an open request proposes to call a person; masked unless a purpose is stated."""

    person_id: UUID
    name: str | None
    numbers: dict[IdentifierType, str]
    address: str | None


class ChangeRequestOut(BaseModel):
    """A change request. `number` is what people say; `changes` is what it changes, or would.

    `to_commune` is the other commune that has to agree. `reverses` and `reversed_by` name the
    request that it undoes, and the number of the one that undid it.
    """

    change_id: UUID
    number: str
    kind: Kind
    state: State
    commune: str
    to_commune: str | None
    effective_on: date
    proposal: Proposal
    evidence: EvidenceOut
    named: list[NamedOut]
    is_masked: bool
    persons: DecidersOut
    households: list[TouchedOut]
    changes: list[FactChangeOut]
    steps: list[ChangeStepOut]
    reverses: UUID | None
    reversed_by: str | None
    correlation_id: UUID


class PreviewOut(BaseModel):
    """What would happen; `notes` say what follows, e.g. that a class is to be reviewed."""

    persons: DecidersOut
    to_commune: str | None
    households: list[TouchedOut]
    changes: list[FactChangeOut]
    notes: list[ProblemText]
    claimed_by: list[str] = Field(description="Số các đề nghị đang chờ / open requests against it")


def change_out(
    change: StoredChange, vault: Vault, *, is_masked: bool = True, clear: Collection[UUID] = ()
) -> ChangeRequestOut:
    """A request as it is read; of those whom it names, `clear` are shown."""
    ask = change.ask
    secret = opened(vault, ask.change_id, ask.sealed)
    number = HIDDEN if is_masked else secret.number
    return ChangeRequestOut(
        change_id=ask.change_id,
        number=change.number,
        kind=ask.kind,
        state=change.state,
        commune=ask.commune,
        to_commune=ask.to_commune,
        effective_on=ask.effective_on,
        proposal=PROPOSAL.validate_python(ask.proposal),
        evidence=EvidenceOut.model_validate({**ask.evidence, "number": number}),
        named=[_named(one, is_masked=one.person_id not in clear) for one in secret.named],
        is_masked=is_masked,
        persons=_persons(_deciders(change)),
        households=[
            TouchedOut(
                household_id=one.household_id,
                version_read=one.version_read,
                version_written=one.version_written,
            )
            for one in change.households
        ],
        changes=_changes(ask.changes),
        steps=[
            ChangeStepOut(state=s.state, by=s.by, reason=s.reason, recorded_at=s.recorded_at)
            for s in change.steps
        ],
        reverses=ask.reverses,
        reversed_by=change.reversed_by,
        correlation_id=ask.correlation_id,
    )


def preview_out(preview: Preview) -> PreviewOut:
    """What would happen, as it is read."""
    effect = preview.effect
    ids = dict.fromkeys((*effect.read, *effect.written))
    return PreviewOut(
        persons=_persons(preview.persons),
        to_commune=preview.to_commune,
        households=[
            TouchedOut(
                household_id=one,
                version_read=effect.read.get(one),
                version_written=effect.written.get(one),
            )
            for one in ids
        ],
        changes=_changes(effect.changes),
        notes=[_text(note) for note in preview.notes],
        claimed_by=list(preview.claimed_by),
    )


def _deciders(change: StoredChange) -> Persons:
    """By the row of the law when it was asked, or because it has become two communes' matter."""
    ask = change.ask
    if change.persons_needed > ask.persons:
        return persons_row(OTHER_COMMUNE, change.persons_needed)
    return persons_row(ask.persons_row, ask.persons)


def _changes(changes: tuple[FactChange, ...]) -> list[FactChangeOut]:
    return [
        FactChangeOut(
            household_id=one.household_id,
            person_id=one.person_id,
            fact=one.fact,
            before=_shown(one.before),
            after=_shown(one.after),
        )
        for one in changes
    ]


def _shown(values: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """Without the mark by which a masked value is told from another."""
    if values is None:
        return None
    return {name: value for name, value in values.items() if name != MARK}


def _named(one: Named, *, is_masked: bool) -> NamedOut:
    identity = masked(one.identity) if is_masked else one.identity
    return NamedOut(
        person_id=one.person_id,
        name=identity.name,
        numbers=dict(identity.numbers),
        address=identity.address,
    )


def _persons(persons: Persons) -> DecidersOut:
    reason = _text(persons.reason)
    return DecidersOut(count=persons.count, reason=reason, is_confirmed=persons.is_confirmed)


def _text(text: Text) -> ProblemText:
    return ProblemText(vi=text.vi, en=text.en)


def _tidy(text: str) -> str:
    """One spelling of what looks the same: Vietnamese letters come composed or in parts."""
    return normalize("NFC", " ".join(text.split()))
