from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.programme import Programme
from ..models.referral_state import ReferralState
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.need_brief_out import NeedBriefOut
    from ..models.terms_out import TermsOut


T = TypeVar("T", bound="ReferralOut")


@_attrs_define
class ReferralOut:
    """A referral as it stands; `commune` is the code under which the household was recorded.

    `need` is the newest loan need, null where nobody has recorded one.

        Attributes:
            referral_id (UUID):
            household_id (UUID):
            version (int):
            commune (str | Unset):
            programme (Programme | Unset): The bank's programmes: 01 poor, 19 near-poor, 09 newly escaped households.
            state (ReferralState | Unset): A referral's life with the bank, as far as this version knows it.
            is_flagged (bool | Unset):
            opened_on (datetime.date | Unset):
            changed_on (datetime.date | Unset):
            until (datetime.date | None | Unset):
            terms (TermsOut | Unset): Loan terms from the day `on`: VND, months, percent a year as decimal text.
            need (NeedBriefOut | None | Unset):
    """

    referral_id: UUID
    household_id: UUID
    version: int
    commune: str | Unset = UNSET
    programme: Programme | Unset = UNSET
    state: ReferralState | Unset = UNSET
    is_flagged: bool | Unset = UNSET
    opened_on: datetime.date | Unset = UNSET
    changed_on: datetime.date | Unset = UNSET
    until: datetime.date | None | Unset = UNSET
    terms: TermsOut | Unset = UNSET
    need: NeedBriefOut | None | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.need_brief_out import NeedBriefOut

        referral_id = str(self.referral_id)

        household_id = str(self.household_id)

        version = self.version

        commune = self.commune

        programme: str | Unset = UNSET
        if not isinstance(self.programme, Unset):
            programme = self.programme.value

        state: str | Unset = UNSET
        if not isinstance(self.state, Unset):
            state = self.state.value

        is_flagged = self.is_flagged

        opened_on: str | Unset = UNSET
        if not isinstance(self.opened_on, Unset):
            opened_on = self.opened_on.isoformat()

        changed_on: str | Unset = UNSET
        if not isinstance(self.changed_on, Unset):
            changed_on = self.changed_on.isoformat()

        until: None | str | Unset
        if isinstance(self.until, Unset):
            until = UNSET
        elif isinstance(self.until, datetime.date):
            until = self.until.isoformat()
        else:
            until = self.until

        terms: dict[str, Any] | Unset = UNSET
        if not isinstance(self.terms, Unset):
            terms = self.terms.to_dict()

        need: dict[str, Any] | None | Unset
        if isinstance(self.need, Unset):
            need = UNSET
        elif isinstance(self.need, NeedBriefOut):
            need = self.need.to_dict()
        else:
            need = self.need

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "referral_id": referral_id,
                "household_id": household_id,
                "version": version,
            }
        )
        if commune is not UNSET:
            field_dict["commune"] = commune
        if programme is not UNSET:
            field_dict["programme"] = programme
        if state is not UNSET:
            field_dict["state"] = state
        if is_flagged is not UNSET:
            field_dict["is_flagged"] = is_flagged
        if opened_on is not UNSET:
            field_dict["opened_on"] = opened_on
        if changed_on is not UNSET:
            field_dict["changed_on"] = changed_on
        if until is not UNSET:
            field_dict["until"] = until
        if terms is not UNSET:
            field_dict["terms"] = terms
        if need is not UNSET:
            field_dict["need"] = need

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.need_brief_out import NeedBriefOut
        from ..models.terms_out import TermsOut

        d = dict(src_dict)
        referral_id = UUID(d.pop("referral_id"))

        household_id = UUID(d.pop("household_id"))

        version = d.pop("version")

        commune = d.pop("commune", UNSET)

        _programme = d.pop("programme", UNSET)
        programme: Programme | Unset
        if isinstance(_programme, Unset):
            programme = UNSET
        else:
            programme = Programme(_programme)

        _state = d.pop("state", UNSET)
        state: ReferralState | Unset
        if isinstance(_state, Unset):
            state = UNSET
        else:
            state = ReferralState(_state)

        is_flagged = d.pop("is_flagged", UNSET)

        _opened_on = d.pop("opened_on", UNSET)
        opened_on: datetime.date | Unset
        if isinstance(_opened_on, Unset):
            opened_on = UNSET
        else:
            opened_on = datetime.date.fromisoformat(_opened_on)

        _changed_on = d.pop("changed_on", UNSET)
        changed_on: datetime.date | Unset
        if isinstance(_changed_on, Unset):
            changed_on = UNSET
        else:
            changed_on = datetime.date.fromisoformat(_changed_on)

        def _parse_until(data: object) -> datetime.date | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                until_type_0 = datetime.date.fromisoformat(data)

                return until_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.date | None | Unset, data)

        until = _parse_until(d.pop("until", UNSET))

        _terms = d.pop("terms", UNSET)
        terms: TermsOut | Unset
        if isinstance(_terms, Unset):
            terms = UNSET
        else:
            terms = TermsOut.from_dict(_terms)

        def _parse_need(data: object) -> NeedBriefOut | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                need_type_0 = NeedBriefOut.from_dict(data)

                return need_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(NeedBriefOut | None | Unset, data)

        need = _parse_need(d.pop("need", UNSET))

        referral_out = cls(
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
        )

        referral_out.additional_properties = d
        return referral_out

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
