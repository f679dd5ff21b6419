from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.capital_source import CapitalSource
from ..models.need_stage import NeedStage

T = TypeVar("T", bound="NeedBriefOut")


@_attrs_define
class NeedBriefOut:
    """A referral's newest need: amount and months as approved, before that as asked for.

    Attributes:
        need_id (UUID):
        amount (int):
        months (int):
        source (CapitalSource): Whose money is lent (nguồn vốn).
        stage (NeedStage): How far a household's loan need has come (nhu cầu vay vốn).
        over_cap (bool):
        changed_on (datetime.date):
        due_on (datetime.date | None):
    """

    need_id: UUID
    amount: int
    months: int
    source: CapitalSource
    stage: NeedStage
    over_cap: bool
    changed_on: datetime.date
    due_on: datetime.date | None
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        need_id = str(self.need_id)

        amount = self.amount

        months = self.months

        source = self.source.value

        stage = self.stage.value

        over_cap = self.over_cap

        changed_on = self.changed_on.isoformat()

        due_on: None | str
        if isinstance(self.due_on, datetime.date):
            due_on = self.due_on.isoformat()
        else:
            due_on = self.due_on

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "need_id": need_id,
                "amount": amount,
                "months": months,
                "source": source,
                "stage": stage,
                "over_cap": over_cap,
                "changed_on": changed_on,
                "due_on": due_on,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        need_id = UUID(d.pop("need_id"))

        amount = d.pop("amount")

        months = d.pop("months")

        source = CapitalSource(d.pop("source"))

        stage = NeedStage(d.pop("stage"))

        over_cap = d.pop("over_cap")

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

        need_brief_out = cls(
            need_id=need_id,
            amount=amount,
            months=months,
            source=source,
            stage=stage,
            over_cap=over_cap,
            changed_on=changed_on,
            due_on=due_on,
        )

        need_brief_out.additional_properties = d
        return need_brief_out

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
