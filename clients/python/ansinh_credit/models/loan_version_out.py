from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.loan_state import LoanState
from ..models.loans_act import LoansAct
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.buckets_out import BucketsOut


T = TypeVar("T", bound="LoanVersionOut")


@_attrs_define
class LoanVersionOut:
    """A loan after one version, and the act and paper that made it.

    Attributes:
        version (int):
        recorded_at (datetime.datetime):
        act (LoansAct | Unset): What happened to a loan in one version.
        document (None | str | Unset):
        state (LoanState | Unset): Where a loan stands (tình trạng khoản vay).
        due_on (datetime.date | Unset):
        balances (BucketsOut | Unset):
        interest (BucketsOut | Unset):
        balance_on (datetime.date | Unset):
        yearly_rate_percent (str | Unset):
        changed_on (datetime.date | Unset):
    """

    version: int
    recorded_at: datetime.datetime
    act: LoansAct | Unset = UNSET
    document: None | str | Unset = UNSET
    state: LoanState | Unset = UNSET
    due_on: datetime.date | Unset = UNSET
    balances: BucketsOut | Unset = UNSET
    interest: BucketsOut | Unset = UNSET
    balance_on: datetime.date | Unset = UNSET
    yearly_rate_percent: str | Unset = UNSET
    changed_on: datetime.date | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        version = self.version

        recorded_at = self.recorded_at.isoformat()

        act: str | Unset = UNSET
        if not isinstance(self.act, Unset):
            act = self.act.value

        document: None | str | Unset
        if isinstance(self.document, Unset):
            document = UNSET
        else:
            document = self.document

        state: str | Unset = UNSET
        if not isinstance(self.state, Unset):
            state = self.state.value

        due_on: str | Unset = UNSET
        if not isinstance(self.due_on, Unset):
            due_on = self.due_on.isoformat()

        balances: dict[str, Any] | Unset = UNSET
        if not isinstance(self.balances, Unset):
            balances = self.balances.to_dict()

        interest: dict[str, Any] | Unset = UNSET
        if not isinstance(self.interest, Unset):
            interest = self.interest.to_dict()

        balance_on: str | Unset = UNSET
        if not isinstance(self.balance_on, Unset):
            balance_on = self.balance_on.isoformat()

        yearly_rate_percent = self.yearly_rate_percent

        changed_on: str | Unset = UNSET
        if not isinstance(self.changed_on, Unset):
            changed_on = self.changed_on.isoformat()

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
        if document is not UNSET:
            field_dict["document"] = document
        if state is not UNSET:
            field_dict["state"] = state
        if due_on is not UNSET:
            field_dict["due_on"] = due_on
        if balances is not UNSET:
            field_dict["balances"] = balances
        if interest is not UNSET:
            field_dict["interest"] = interest
        if balance_on is not UNSET:
            field_dict["balance_on"] = balance_on
        if yearly_rate_percent is not UNSET:
            field_dict["yearly_rate_percent"] = yearly_rate_percent
        if changed_on is not UNSET:
            field_dict["changed_on"] = changed_on

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.buckets_out import BucketsOut

        d = dict(src_dict)
        version = d.pop("version")

        recorded_at = datetime.datetime.fromisoformat(d.pop("recorded_at"))

        _act = d.pop("act", UNSET)
        act: LoansAct | Unset
        if isinstance(_act, Unset):
            act = UNSET
        else:
            act = LoansAct(_act)

        def _parse_document(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        document = _parse_document(d.pop("document", UNSET))

        _state = d.pop("state", UNSET)
        state: LoanState | Unset
        if isinstance(_state, Unset):
            state = UNSET
        else:
            state = LoanState(_state)

        _due_on = d.pop("due_on", UNSET)
        due_on: datetime.date | Unset
        if isinstance(_due_on, Unset):
            due_on = UNSET
        else:
            due_on = datetime.date.fromisoformat(_due_on)

        _balances = d.pop("balances", UNSET)
        balances: BucketsOut | Unset
        if isinstance(_balances, Unset):
            balances = UNSET
        else:
            balances = BucketsOut.from_dict(_balances)

        _interest = d.pop("interest", UNSET)
        interest: BucketsOut | Unset
        if isinstance(_interest, Unset):
            interest = UNSET
        else:
            interest = BucketsOut.from_dict(_interest)

        _balance_on = d.pop("balance_on", UNSET)
        balance_on: datetime.date | Unset
        if isinstance(_balance_on, Unset):
            balance_on = UNSET
        else:
            balance_on = datetime.date.fromisoformat(_balance_on)

        yearly_rate_percent = d.pop("yearly_rate_percent", UNSET)

        _changed_on = d.pop("changed_on", UNSET)
        changed_on: datetime.date | Unset
        if isinstance(_changed_on, Unset):
            changed_on = UNSET
        else:
            changed_on = datetime.date.fromisoformat(_changed_on)

        loan_version_out = cls(
            version=version,
            recorded_at=recorded_at,
            act=act,
            document=document,
            state=state,
            due_on=due_on,
            balances=balances,
            interest=interest,
            balance_on=balance_on,
            yearly_rate_percent=yearly_rate_percent,
            changed_on=changed_on,
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
