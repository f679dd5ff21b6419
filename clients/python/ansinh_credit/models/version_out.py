from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.programme import Programme
from ..models.referral_state import ReferralState
from ..models.referrals_act import ReferralsAct

if TYPE_CHECKING:
    from ..models.reason_out import ReasonOut
    from ..models.terms_out import TermsOut


T = TypeVar("T", bound="VersionOut")


@_attrs_define
class VersionOut:
    """A referral after one version, and why that was written.

    Attributes:
        version (int):
        act (ReferralsAct): What happened to a referral in one version.
        why (ReasonOut): One text in both languages.
        programme (Programme): The bank's programmes: 01 poor, 19 near-poor, 09 newly escaped households.
        state (ReferralState): A referral's life with the bank, as far as this version knows it.
        is_flagged (bool):
        changed_on (datetime.date):
        until (datetime.date | None):
        terms (TermsOut): Loan terms from the day `on`: VND, months, percent a year as decimal text.
        entitlement_version (int | None):
        recorded_at (datetime.datetime):
    """

    version: int
    act: ReferralsAct
    why: ReasonOut
    programme: Programme
    state: ReferralState
    is_flagged: bool
    changed_on: datetime.date
    until: datetime.date | None
    terms: TermsOut
    entitlement_version: int | None
    recorded_at: datetime.datetime
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        version = self.version

        act = self.act.value

        why = self.why.to_dict()

        programme = self.programme.value

        state = self.state.value

        is_flagged = self.is_flagged

        changed_on = self.changed_on.isoformat()

        until: None | str
        if isinstance(self.until, datetime.date):
            until = self.until.isoformat()
        else:
            until = self.until

        terms = self.terms.to_dict()

        entitlement_version: int | None
        entitlement_version = self.entitlement_version

        recorded_at = self.recorded_at.isoformat()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "version": version,
                "act": act,
                "why": why,
                "programme": programme,
                "state": state,
                "is_flagged": is_flagged,
                "changed_on": changed_on,
                "until": until,
                "terms": terms,
                "entitlement_version": entitlement_version,
                "recorded_at": recorded_at,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.reason_out import ReasonOut
        from ..models.terms_out import TermsOut

        d = dict(src_dict)
        version = d.pop("version")

        act = ReferralsAct(d.pop("act"))

        why = ReasonOut.from_dict(d.pop("why"))

        programme = Programme(d.pop("programme"))

        state = ReferralState(d.pop("state"))

        is_flagged = d.pop("is_flagged")

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

        def _parse_entitlement_version(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        entitlement_version = _parse_entitlement_version(d.pop("entitlement_version"))

        recorded_at = datetime.datetime.fromisoformat(d.pop("recorded_at"))

        version_out = cls(
            version=version,
            act=act,
            why=why,
            programme=programme,
            state=state,
            is_flagged=is_flagged,
            changed_on=changed_on,
            until=until,
            terms=terms,
            entitlement_version=entitlement_version,
            recorded_at=recorded_at,
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
