from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.programme import Programme
from ..models.referral_state import ReferralState
from ..models.referrals_act import ReferralsAct
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.reason_out import ReasonOut
    from ..models.terms_out import TermsOut


T = TypeVar("T", bound="VersionOut")


@_attrs_define
class VersionOut:
    """A referral after one version, and why that was written.

    Attributes:
        version (int):
        recorded_at (datetime.datetime):
        act (ReferralsAct | Unset): What happened to a referral in one version.
        why (ReasonOut | Unset): One text in both languages.
        programme (Programme | Unset): The bank's programmes: 01 poor, 19 near-poor, 09 newly escaped households.
        state (ReferralState | Unset): A referral's life with the bank, as far as this version knows it.
        is_flagged (bool | Unset):
        changed_on (datetime.date | Unset):
        until (datetime.date | None | Unset):
        terms (TermsOut | Unset): Loan terms from the day `on`: VND, months, percent a year as decimal text.
        entitlement_version (int | None | Unset):
    """

    version: int
    recorded_at: datetime.datetime
    act: ReferralsAct | Unset = UNSET
    why: ReasonOut | Unset = UNSET
    programme: Programme | Unset = UNSET
    state: ReferralState | Unset = UNSET
    is_flagged: bool | Unset = UNSET
    changed_on: datetime.date | Unset = UNSET
    until: datetime.date | None | Unset = UNSET
    terms: TermsOut | Unset = UNSET
    entitlement_version: int | None | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        version = self.version

        recorded_at = self.recorded_at.isoformat()

        act: str | Unset = UNSET
        if not isinstance(self.act, Unset):
            act = self.act.value

        why: dict[str, Any] | Unset = UNSET
        if not isinstance(self.why, Unset):
            why = self.why.to_dict()

        programme: str | Unset = UNSET
        if not isinstance(self.programme, Unset):
            programme = self.programme.value

        state: str | Unset = UNSET
        if not isinstance(self.state, Unset):
            state = self.state.value

        is_flagged = self.is_flagged

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

        entitlement_version: int | None | Unset
        if isinstance(self.entitlement_version, Unset):
            entitlement_version = UNSET
        else:
            entitlement_version = self.entitlement_version

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "version": version,
                "recorded_at": recorded_at,
            }
        )
        if act is not UNSET:
            field_dict["act"] = act
        if why is not UNSET:
            field_dict["why"] = why
        if programme is not UNSET:
            field_dict["programme"] = programme
        if state is not UNSET:
            field_dict["state"] = state
        if is_flagged is not UNSET:
            field_dict["is_flagged"] = is_flagged
        if changed_on is not UNSET:
            field_dict["changed_on"] = changed_on
        if until is not UNSET:
            field_dict["until"] = until
        if terms is not UNSET:
            field_dict["terms"] = terms
        if entitlement_version is not UNSET:
            field_dict["entitlement_version"] = entitlement_version

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.reason_out import ReasonOut
        from ..models.terms_out import TermsOut

        d = dict(src_dict)
        version = d.pop("version")

        recorded_at = datetime.datetime.fromisoformat(d.pop("recorded_at"))

        _act = d.pop("act", UNSET)
        act: ReferralsAct | Unset
        if isinstance(_act, Unset):
            act = UNSET
        else:
            act = ReferralsAct(_act)

        _why = d.pop("why", UNSET)
        why: ReasonOut | Unset
        if isinstance(_why, Unset):
            why = UNSET
        else:
            why = ReasonOut.from_dict(_why)

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

        def _parse_entitlement_version(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        entitlement_version = _parse_entitlement_version(d.pop("entitlement_version", UNSET))

        version_out = cls(
            version=version,
            recorded_at=recorded_at,
            act=act,
            why=why,
            programme=programme,
            state=state,
            is_flagged=is_flagged,
            changed_on=changed_on,
            until=until,
            terms=terms,
            entitlement_version=entitlement_version,
        )

        version_out.additional_properties = d
        return version_out

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
