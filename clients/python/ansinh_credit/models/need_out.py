from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.capital_source import CapitalSource
from ..models.need_stage import NeedStage
from ..types import UNSET, Unset

T = TypeVar("T", bound="NeedOut")


@_attrs_define
class NeedOut:
    """A need as it stands.

    `version` is that of the referral after the last step. `due_on`: the last day for the commune's
    confirmation or the bank's answer; `is_overdue` once that is past. `over_cap`: the amount is
    over the limit that now applies. `confirmed_on` is the last confirmation; while the need is
    `listed`, another is needed. Partners: see `need` of the referral; what that has no field for is
    shown to whom all of it is.

        Attributes:
            need_id (UUID):
            referral_id (UUID):
            household_id (UUID):
            version (int):
            commune (str | Unset):
            purpose (str | Unset):
            amount (int | Unset):
            months (int | Unset):
            source (CapitalSource | Unset): Whose money is lent (nguồn vốn).
            group_id (None | Unset | UUID):
            applied_on (datetime.date | Unset):
            stage (NeedStage | Unset): How far a household's loan need has come (nhu cầu vay vốn).
            changed_on (datetime.date | Unset):
            due_on (datetime.date | None | Unset):
            is_overdue (bool | Unset):
            over_cap (bool | Unset):
            list_id (None | Unset | UUID):
            confirmed_on (datetime.date | None | Unset):
            received_on (datetime.date | None | Unset):
            answered_on (datetime.date | None | Unset):
            approved_amount (int | None | Unset):
            approved_months (int | None | Unset):
            reason (None | str | Unset):
    """

    need_id: UUID
    referral_id: UUID
    household_id: UUID
    version: int
    commune: str | Unset = UNSET
    purpose: str | Unset = UNSET
    amount: int | Unset = UNSET
    months: int | Unset = UNSET
    source: CapitalSource | Unset = UNSET
    group_id: None | Unset | UUID = UNSET
    applied_on: datetime.date | Unset = UNSET
    stage: NeedStage | Unset = UNSET
    changed_on: datetime.date | Unset = UNSET
    due_on: datetime.date | None | Unset = UNSET
    is_overdue: bool | Unset = UNSET
    over_cap: bool | Unset = UNSET
    list_id: None | Unset | UUID = UNSET
    confirmed_on: datetime.date | None | Unset = UNSET
    received_on: datetime.date | None | Unset = UNSET
    answered_on: datetime.date | None | Unset = UNSET
    approved_amount: int | None | Unset = UNSET
    approved_months: int | None | Unset = UNSET
    reason: None | str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        need_id = str(self.need_id)

        referral_id = str(self.referral_id)

        household_id = str(self.household_id)

        version = self.version

        commune = self.commune

        purpose = self.purpose

        amount = self.amount

        months = self.months

        source: str | Unset = UNSET
        if not isinstance(self.source, Unset):
            source = self.source.value

        group_id: None | str | Unset
        if isinstance(self.group_id, Unset):
            group_id = UNSET
        elif isinstance(self.group_id, UUID):
            group_id = str(self.group_id)
        else:
            group_id = self.group_id

        applied_on: str | Unset = UNSET
        if not isinstance(self.applied_on, Unset):
            applied_on = self.applied_on.isoformat()

        stage: str | Unset = UNSET
        if not isinstance(self.stage, Unset):
            stage = self.stage.value

        changed_on: str | Unset = UNSET
        if not isinstance(self.changed_on, Unset):
            changed_on = self.changed_on.isoformat()

        due_on: None | str | Unset
        if isinstance(self.due_on, Unset):
            due_on = UNSET
        elif isinstance(self.due_on, datetime.date):
            due_on = self.due_on.isoformat()
        else:
            due_on = self.due_on

        is_overdue = self.is_overdue

        over_cap = self.over_cap

        list_id: None | str | Unset
        if isinstance(self.list_id, Unset):
            list_id = UNSET
        elif isinstance(self.list_id, UUID):
            list_id = str(self.list_id)
        else:
            list_id = self.list_id

        confirmed_on: None | str | Unset
        if isinstance(self.confirmed_on, Unset):
            confirmed_on = UNSET
        elif isinstance(self.confirmed_on, datetime.date):
            confirmed_on = self.confirmed_on.isoformat()
        else:
            confirmed_on = self.confirmed_on

        received_on: None | str | Unset
        if isinstance(self.received_on, Unset):
            received_on = UNSET
        elif isinstance(self.received_on, datetime.date):
            received_on = self.received_on.isoformat()
        else:
            received_on = self.received_on

        answered_on: None | str | Unset
        if isinstance(self.answered_on, Unset):
            answered_on = UNSET
        elif isinstance(self.answered_on, datetime.date):
            answered_on = self.answered_on.isoformat()
        else:
            answered_on = self.answered_on

        approved_amount: int | None | Unset
        if isinstance(self.approved_amount, Unset):
            approved_amount = UNSET
        else:
            approved_amount = self.approved_amount

        approved_months: int | None | Unset
        if isinstance(self.approved_months, Unset):
            approved_months = UNSET
        else:
            approved_months = self.approved_months

        reason: None | str | Unset
        if isinstance(self.reason, Unset):
            reason = UNSET
        else:
            reason = self.reason

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "need_id": need_id,
                "referral_id": referral_id,
                "household_id": household_id,
                "version": version,
            }
        )
        if commune is not UNSET:
            field_dict["commune"] = commune
        if purpose is not UNSET:
            field_dict["purpose"] = purpose
        if amount is not UNSET:
            field_dict["amount"] = amount
        if months is not UNSET:
            field_dict["months"] = months
        if source is not UNSET:
            field_dict["source"] = source
        if group_id is not UNSET:
            field_dict["group_id"] = group_id
        if applied_on is not UNSET:
            field_dict["applied_on"] = applied_on
        if stage is not UNSET:
            field_dict["stage"] = stage
        if changed_on is not UNSET:
            field_dict["changed_on"] = changed_on
        if due_on is not UNSET:
            field_dict["due_on"] = due_on
        if is_overdue is not UNSET:
            field_dict["is_overdue"] = is_overdue
        if over_cap is not UNSET:
            field_dict["over_cap"] = over_cap
        if list_id is not UNSET:
            field_dict["list_id"] = list_id
        if confirmed_on is not UNSET:
            field_dict["confirmed_on"] = confirmed_on
        if received_on is not UNSET:
            field_dict["received_on"] = received_on
        if answered_on is not UNSET:
            field_dict["answered_on"] = answered_on
        if approved_amount is not UNSET:
            field_dict["approved_amount"] = approved_amount
        if approved_months is not UNSET:
            field_dict["approved_months"] = approved_months
        if reason is not UNSET:
            field_dict["reason"] = reason

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        need_id = UUID(d.pop("need_id"))

        referral_id = UUID(d.pop("referral_id"))

        household_id = UUID(d.pop("household_id"))

        version = d.pop("version")

        commune = d.pop("commune", UNSET)

        purpose = d.pop("purpose", UNSET)

        amount = d.pop("amount", UNSET)

        months = d.pop("months", UNSET)

        _source = d.pop("source", UNSET)
        source: CapitalSource | Unset
        if isinstance(_source, Unset):
            source = UNSET
        else:
            source = CapitalSource(_source)

        def _parse_group_id(data: object) -> None | Unset | UUID:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                group_id_type_0 = UUID(data)

                return group_id_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | Unset | UUID, data)

        group_id = _parse_group_id(d.pop("group_id", UNSET))

        _applied_on = d.pop("applied_on", UNSET)
        applied_on: datetime.date | Unset
        if isinstance(_applied_on, Unset):
            applied_on = UNSET
        else:
            applied_on = datetime.date.fromisoformat(_applied_on)

        _stage = d.pop("stage", UNSET)
        stage: NeedStage | Unset
        if isinstance(_stage, Unset):
            stage = UNSET
        else:
            stage = NeedStage(_stage)

        _changed_on = d.pop("changed_on", UNSET)
        changed_on: datetime.date | Unset
        if isinstance(_changed_on, Unset):
            changed_on = UNSET
        else:
            changed_on = datetime.date.fromisoformat(_changed_on)

        def _parse_due_on(data: object) -> datetime.date | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                due_on_type_0 = datetime.date.fromisoformat(data)

                return due_on_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.date | None | Unset, data)

        due_on = _parse_due_on(d.pop("due_on", UNSET))

        is_overdue = d.pop("is_overdue", UNSET)

        over_cap = d.pop("over_cap", UNSET)

        def _parse_list_id(data: object) -> None | Unset | UUID:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                list_id_type_0 = UUID(data)

                return list_id_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | Unset | UUID, data)

        list_id = _parse_list_id(d.pop("list_id", UNSET))

        def _parse_confirmed_on(data: object) -> datetime.date | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                confirmed_on_type_0 = datetime.date.fromisoformat(data)

                return confirmed_on_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.date | None | Unset, data)

        confirmed_on = _parse_confirmed_on(d.pop("confirmed_on", UNSET))

        def _parse_received_on(data: object) -> datetime.date | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                received_on_type_0 = datetime.date.fromisoformat(data)

                return received_on_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.date | None | Unset, data)

        received_on = _parse_received_on(d.pop("received_on", UNSET))

        def _parse_answered_on(data: object) -> datetime.date | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                answered_on_type_0 = datetime.date.fromisoformat(data)

                return answered_on_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.date | None | Unset, data)

        answered_on = _parse_answered_on(d.pop("answered_on", UNSET))

        def _parse_approved_amount(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        approved_amount = _parse_approved_amount(d.pop("approved_amount", UNSET))

        def _parse_approved_months(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        approved_months = _parse_approved_months(d.pop("approved_months", UNSET))

        def _parse_reason(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        reason = _parse_reason(d.pop("reason", UNSET))

        need_out = cls(
            need_id=need_id,
            referral_id=referral_id,
            household_id=household_id,
            version=version,
            commune=commune,
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
