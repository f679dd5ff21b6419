from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.capital_source import CapitalSource
from ..models.need_stage import NeedStage

T = TypeVar("T", bound="NeedOut")


@_attrs_define
class NeedOut:
    """A need as it stands.

    `version` is that of the referral after the last step. `due_on`: the last day for the commune's
    confirmation or the bank's answer; `is_overdue` once that is past. `over_cap`: the amount is
    over the limit that now applies. `confirmed_on` is the last confirmation; while the need is
    `listed`, another is needed.

        Attributes:
            need_id (UUID):
            referral_id (UUID):
            household_id (UUID):
            commune (str):
            version (int):
            purpose (str):
            amount (int):
            months (int):
            source (CapitalSource): Whose money is lent (nguồn vốn).
            group_id (None | UUID):
            applied_on (datetime.date):
            stage (NeedStage): How far a household's loan need has come (nhu cầu vay vốn).
            changed_on (datetime.date):
            due_on (datetime.date | None):
            is_overdue (bool):
            over_cap (bool):
            list_id (None | UUID):
            confirmed_on (datetime.date | None):
            received_on (datetime.date | None):
            answered_on (datetime.date | None):
            approved_amount (int | None):
            approved_months (int | None):
            reason (None | str):
    """

    need_id: UUID
    referral_id: UUID
    household_id: UUID
    commune: str
    version: int
    purpose: str
    amount: int
    months: int
    source: CapitalSource
    group_id: None | UUID
    applied_on: datetime.date
    stage: NeedStage
    changed_on: datetime.date
    due_on: datetime.date | None
    is_overdue: bool
    over_cap: bool
    list_id: None | UUID
    confirmed_on: datetime.date | None
    received_on: datetime.date | None
    answered_on: datetime.date | None
    approved_amount: int | None
    approved_months: int | None
    reason: None | str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        need_id = str(self.need_id)

        referral_id = str(self.referral_id)

        household_id = str(self.household_id)

        commune = self.commune

        version = self.version

        purpose = self.purpose

        amount = self.amount

        months = self.months

        source = self.source.value

        group_id: None | str
        if isinstance(self.group_id, UUID):
            group_id = str(self.group_id)
        else:
            group_id = self.group_id

        applied_on = self.applied_on.isoformat()

        stage = self.stage.value

        changed_on = self.changed_on.isoformat()

        due_on: None | str
        if isinstance(self.due_on, datetime.date):
            due_on = self.due_on.isoformat()
        else:
            due_on = self.due_on

        is_overdue = self.is_overdue

        over_cap = self.over_cap

        list_id: None | str
        if isinstance(self.list_id, UUID):
            list_id = str(self.list_id)
        else:
            list_id = self.list_id

        confirmed_on: None | str
        if isinstance(self.confirmed_on, datetime.date):
            confirmed_on = self.confirmed_on.isoformat()
        else:
            confirmed_on = self.confirmed_on

        received_on: None | str
        if isinstance(self.received_on, datetime.date):
            received_on = self.received_on.isoformat()
        else:
            received_on = self.received_on

        answered_on: None | str
        if isinstance(self.answered_on, datetime.date):
            answered_on = self.answered_on.isoformat()
        else:
            answered_on = self.answered_on

        approved_amount: int | None
        approved_amount = self.approved_amount

        approved_months: int | None
        approved_months = self.approved_months

        reason: None | str
        reason = self.reason

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "need_id": need_id,
                "referral_id": referral_id,
                "household_id": household_id,
                "commune": commune,
                "version": version,
                "purpose": purpose,
                "amount": amount,
                "months": months,
                "source": source,
                "group_id": group_id,
                "applied_on": applied_on,
                "stage": stage,
                "changed_on": changed_on,
                "due_on": due_on,
                "is_overdue": is_overdue,
                "over_cap": over_cap,
                "list_id": list_id,
                "confirmed_on": confirmed_on,
                "received_on": received_on,
                "answered_on": answered_on,
                "approved_amount": approved_amount,
                "approved_months": approved_months,
                "reason": reason,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        need_id = UUID(d.pop("need_id"))

        referral_id = UUID(d.pop("referral_id"))

        household_id = UUID(d.pop("household_id"))

        commune = d.pop("commune")

        version = d.pop("version")

        purpose = d.pop("purpose")

        amount = d.pop("amount")

        months = d.pop("months")

        source = CapitalSource(d.pop("source"))

        def _parse_group_id(data: object) -> None | UUID:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                group_id_type_0 = UUID(data)

                return group_id_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | UUID, data)

        group_id = _parse_group_id(d.pop("group_id"))

        applied_on = datetime.date.fromisoformat(d.pop("applied_on"))

        stage = NeedStage(d.pop("stage"))

        changed_on = datetime.date.fromisoformat(d.pop("changed_on"))

        def _parse_due_on(data: object) -> datetime.date | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                due_on_type_0 = datetime.date.fromisoformat(data)

                return due_on_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.date | None, data)

        due_on = _parse_due_on(d.pop("due_on"))

        is_overdue = d.pop("is_overdue")

        over_cap = d.pop("over_cap")

        def _parse_list_id(data: object) -> None | UUID:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                list_id_type_0 = UUID(data)

                return list_id_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | UUID, data)

        list_id = _parse_list_id(d.pop("list_id"))

        def _parse_confirmed_on(data: object) -> datetime.date | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                confirmed_on_type_0 = datetime.date.fromisoformat(data)

                return confirmed_on_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.date | None, data)

        confirmed_on = _parse_confirmed_on(d.pop("confirmed_on"))

        def _parse_received_on(data: object) -> datetime.date | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                received_on_type_0 = datetime.date.fromisoformat(data)

                return received_on_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.date | None, data)

        received_on = _parse_received_on(d.pop("received_on"))

        def _parse_answered_on(data: object) -> datetime.date | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                answered_on_type_0 = datetime.date.fromisoformat(data)

                return answered_on_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.date | None, data)

        answered_on = _parse_answered_on(d.pop("answered_on"))

        def _parse_approved_amount(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        approved_amount = _parse_approved_amount(d.pop("approved_amount"))

        def _parse_approved_months(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        approved_months = _parse_approved_months(d.pop("approved_months"))

        def _parse_reason(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        reason = _parse_reason(d.pop("reason"))

        need_out = cls(
            need_id=need_id,
            referral_id=referral_id,
            household_id=household_id,
            commune=commune,
            version=version,
            purpose=purpose,
            amount=amount,
            months=months,
            source=source,
            group_id=group_id,
            applied_on=applied_on,
            stage=stage,
            changed_on=changed_on,
            due_on=due_on,
            is_overdue=is_overdue,
            over_cap=over_cap,
            list_id=list_id,
            confirmed_on=confirmed_on,
            received_on=received_on,
            answered_on=answered_on,
            approved_amount=approved_amount,
            approved_months=approved_months,
            reason=reason,
        )

        need_out.additional_properties = d
        return need_out

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
