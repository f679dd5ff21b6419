from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.need_stage import NeedStage
from ..models.referrals_act import ReferralsAct

T = TypeVar("T", bound="StepOut")


@_attrs_define
class StepOut:
    """A need after one act.

    Attributes:
        version (int):
        act (ReferralsAct): What happened to a referral in one version.
        stage (NeedStage): How far a household's loan need has come (nhu cầu vay vốn).
        changed_on (datetime.date):
        due_on (datetime.date | None):
        over_cap (bool):
        list_id (None | UUID):
        confirmed_on (datetime.date | None):
        received_on (datetime.date | None):
        answered_on (datetime.date | None):
        approved_amount (int | None):
        approved_months (int | None):
        reason (None | str):
        recorded_at (datetime.datetime):
    """

    version: int
    act: ReferralsAct
    stage: NeedStage
    changed_on: datetime.date
    due_on: datetime.date | None
    over_cap: bool
    list_id: None | UUID
    confirmed_on: datetime.date | None
    received_on: datetime.date | None
    answered_on: datetime.date | None
    approved_amount: int | None
    approved_months: int | None
    reason: None | str
    recorded_at: datetime.datetime
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        version = self.version

        act = self.act.value

        stage = self.stage.value

        changed_on = self.changed_on.isoformat()

        due_on: None | str
        if isinstance(self.due_on, datetime.date):
            due_on = self.due_on.isoformat()
        else:
            due_on = self.due_on

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

        recorded_at = self.recorded_at.isoformat()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "version": version,
                "act": act,
                "stage": stage,
                "changed_on": changed_on,
                "due_on": due_on,
                "over_cap": over_cap,
                "list_id": list_id,
                "confirmed_on": confirmed_on,
                "received_on": received_on,
                "answered_on": answered_on,
                "approved_amount": approved_amount,
                "approved_months": approved_months,
                "reason": reason,
                "recorded_at": recorded_at,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        version = d.pop("version")

        act = ReferralsAct(d.pop("act"))

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

        recorded_at = datetime.datetime.fromisoformat(d.pop("recorded_at"))

        step_out = cls(
            version=version,
            act=act,
            stage=stage,
            changed_on=changed_on,
            due_on=due_on,
            over_cap=over_cap,
            list_id=list_id,
            confirmed_on=confirmed_on,
            received_on=received_on,
            answered_on=answered_on,
            approved_amount=approved_amount,
            approved_months=approved_months,
            reason=reason,
            recorded_at=recorded_at,
        )

        step_out.additional_properties = d
        return step_out

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
