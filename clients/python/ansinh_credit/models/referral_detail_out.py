from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.programme import Programme
from ..models.referral_state import ReferralState

if TYPE_CHECKING:
    from ..models.disbursement_out import DisbursementOut
    from ..models.need_brief_out import NeedBriefOut
    from ..models.terms_out import TermsOut
    from ..models.version_out import VersionOut


T = TypeVar("T", bound="ReferralDetailOut")


@_attrs_define
class ReferralDetailOut:
    """A referral with what was paid out and all its versions, oldest first.

    Attributes:
        referral_id (UUID):
        household_id (UUID):
        version (int):
        commune (str):
        programme (Programme): The bank's programmes: 01 poor, 19 near-poor, 09 newly escaped households.
        state (ReferralState): A referral's life with the bank, as far as this version knows it.
        is_flagged (bool):
        opened_on (datetime.date):
        changed_on (datetime.date):
        until (datetime.date | None):
        terms (TermsOut): Loan terms from the day `on`: VND, months, percent a year as decimal text.
        need (NeedBriefOut | None):
        disbursement (DisbursementOut | None):
        history (list[VersionOut]):
    """

    referral_id: UUID
    household_id: UUID
    version: int
    commune: str
    programme: Programme
    state: ReferralState
    is_flagged: bool
    opened_on: datetime.date
    changed_on: datetime.date
    until: datetime.date | None
    terms: TermsOut
    need: NeedBriefOut | None
    disbursement: DisbursementOut | None
    history: list[VersionOut]
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.disbursement_out import DisbursementOut
        from ..models.need_brief_out import NeedBriefOut

        referral_id = str(self.referral_id)

        household_id = str(self.household_id)

        version = self.version

        commune = self.commune

        programme = self.programme.value

        state = self.state.value

        is_flagged = self.is_flagged

        opened_on = self.opened_on.isoformat()

        changed_on = self.changed_on.isoformat()

        until: None | str
        if isinstance(self.until, datetime.date):
            until = self.until.isoformat()
        else:
            until = self.until

        terms = self.terms.to_dict()

        need: dict[str, Any] | None
        if isinstance(self.need, NeedBriefOut):
            need = self.need.to_dict()
        else:
            need = self.need

        disbursement: dict[str, Any] | None
        if isinstance(self.disbursement, DisbursementOut):
            disbursement = self.disbursement.to_dict()
        else:
            disbursement = self.disbursement

        history = []
        for history_item_data in self.history:
            history_item = history_item_data.to_dict()
            history.append(history_item)

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "referral_id": referral_id,
                "household_id": household_id,
                "version": version,
                "commune": commune,
                "programme": programme,
                "state": state,
                "is_flagged": is_flagged,
                "opened_on": opened_on,
                "changed_on": changed_on,
                "until": until,
                "terms": terms,
                "need": need,
                "disbursement": disbursement,
                "history": history,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.disbursement_out import DisbursementOut
        from ..models.need_brief_out import NeedBriefOut
        from ..models.terms_out import TermsOut
        from ..models.version_out import VersionOut

        d = dict(src_dict)
        referral_id = UUID(d.pop("referral_id"))

        household_id = UUID(d.pop("household_id"))

        version = d.pop("version")

        commune = d.pop("commune")

        programme = Programme(d.pop("programme"))

        state = ReferralState(d.pop("state"))

        is_flagged = d.pop("is_flagged")

        opened_on = datetime.date.fromisoformat(d.pop("opened_on"))

        changed_on = datetime.date.fromisoformat(d.pop("changed_on"))

        def _parse_until(data: object) -> datetime.date | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                until_type_0 = datetime.date.fromisoformat(data)

                return until_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.date | None, data)

        until = _parse_until(d.pop("until"))

        terms = TermsOut.from_dict(d.pop("terms"))

        def _parse_need(data: object) -> NeedBriefOut | None:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                need_type_0 = NeedBriefOut.from_dict(data)

                return need_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(NeedBriefOut | None, data)

        need = _parse_need(d.pop("need"))

        def _parse_disbursement(data: object) -> DisbursementOut | None:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                disbursement_type_0 = DisbursementOut.from_dict(data)

                return disbursement_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(DisbursementOut | None, data)

        disbursement = _parse_disbursement(d.pop("disbursement"))

        history = []
        _history = d.pop("history")
        for history_item_data in _history:
            history_item = VersionOut.from_dict(history_item_data)

            history.append(history_item)

        referral_detail_out = cls(
            referral_id=referral_id,
            household_id=household_id,
            version=version,
            commune=commune,
            programme=programme,
            state=state,
            is_flagged=is_flagged,
            opened_on=opened_on,
            changed_on=changed_on,
            until=until,
            terms=terms,
            need=need,
            disbursement=disbursement,
            history=history,
        )

        referral_detail_out.additional_properties = d
        return referral_detail_out

    @property
    def additional_keys(self) -> list[str]:
        return list(self.additional_properties.keys())

    def __getitem__(self, key: str) -> Any:
        return self.additional_properties[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self.additional_properties[key] = value

    def __delitem__(self, key: str) -> None:
        del self.additional_properties[key]

    def __contains__(self, key: str) -> bool:
        return key in self.additional_properties
