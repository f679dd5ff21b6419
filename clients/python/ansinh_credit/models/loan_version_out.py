from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.loan_state import LoanState
from ..models.loans_act import LoansAct

if TYPE_CHECKING:
    from ..models.buckets_out import BucketsOut


T = TypeVar("T", bound="LoanVersionOut")


@_attrs_define
class LoanVersionOut:
    """A loan after one version, and the act and paper that made it.

    Attributes:
        version (int):
        act (LoansAct): What happened to a loan in one version.
        document (None | str):
        state (LoanState): Where a loan stands (tình trạng khoản vay).
        due_on (datetime.date):
        balances (BucketsOut):
        interest (BucketsOut):
        balance_on (datetime.date):
        yearly_rate_percent (str):
        changed_on (datetime.date):
        recorded_at (datetime.datetime):
    """

    version: int
    act: LoansAct
    document: None | str
    state: LoanState
    due_on: datetime.date
    balances: BucketsOut
    interest: BucketsOut
    balance_on: datetime.date
    yearly_rate_percent: str
    changed_on: datetime.date
    recorded_at: datetime.datetime
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        version = self.version

        act = self.act.value

        document: None | str
        document = self.document

        state = self.state.value

        due_on = self.due_on.isoformat()

        balances = self.balances.to_dict()

        interest = self.interest.to_dict()

        balance_on = self.balance_on.isoformat()

        yearly_rate_percent = self.yearly_rate_percent

        changed_on = self.changed_on.isoformat()

        recorded_at = self.recorded_at.isoformat()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "version": version,
                "act": act,
                "document": document,
                "state": state,
                "due_on": due_on,
                "balances": balances,
                "interest": interest,
                "balance_on": balance_on,
                "yearly_rate_percent": yearly_rate_percent,
                "changed_on": changed_on,
                "recorded_at": recorded_at,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.buckets_out import BucketsOut

        d = dict(src_dict)
        version = d.pop("version")

        act = LoansAct(d.pop("act"))

        def _parse_document(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        document = _parse_document(d.pop("document"))

        state = LoanState(d.pop("state"))

        due_on = datetime.date.fromisoformat(d.pop("due_on"))

        balances = BucketsOut.from_dict(d.pop("balances"))

        interest = BucketsOut.from_dict(d.pop("interest"))

        balance_on = datetime.date.fromisoformat(d.pop("balance_on"))

        yearly_rate_percent = d.pop("yearly_rate_percent")

        changed_on = datetime.date.fromisoformat(d.pop("changed_on"))

        recorded_at = datetime.datetime.fromisoformat(d.pop("recorded_at"))

        loan_version_out = cls(
            version=version,
            act=act,
            document=document,
            state=state,
            due_on=due_on,
            balances=balances,
            interest=interest,
            balance_on=balance_on,
            yearly_rate_percent=yearly_rate_percent,
            changed_on=changed_on,
            recorded_at=recorded_at,
        )

        loan_version_out.additional_properties = d
        return loan_version_out

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
