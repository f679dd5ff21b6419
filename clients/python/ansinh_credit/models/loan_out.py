from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.capital_source import CapitalSource
from ..models.loan_state import LoanState
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.buckets_out import BucketsOut


T = TypeVar("T", bound="LoanOut")


@_attrs_define
class LoanOut:
    """A loan as it stands; VND, months, percent a year as decimal text.

    `is_past_due` and `is_check_late` are computed on the day of reading: nothing happens by itself.

        Attributes:
            loan_id (UUID):
            referral_id (UUID):
            need_id (None | UUID):
            household_id (UUID):
            version (int):
            commune (str | Unset):
            programme (str | Unset):
            source (CapitalSource | Unset): Whose money is lent (nguồn vốn).
            state (LoanState | Unset): Where a loan stands (tình trạng khoản vay).
            contract_number (str | Unset):
            principal (int | Unset):
            paid_on (datetime.date | Unset):
            months (int | Unset):
            due_on (datetime.date | Unset):
            is_past_due (bool | Unset):
            balances (BucketsOut | Unset):
            interest (BucketsOut | Unset):
            balance_on (datetime.date | Unset):
            yearly_rate_percent (str | Unset):
            overdue_rate_percent (str | Unset):
            rate_on (datetime.date | Unset):
            rate_document (str | Unset):
            frozen_from (datetime.date | None | Unset):
            frozen_until (datetime.date | None | Unset):
            check_due_on (datetime.date | Unset):
            checked_on (datetime.date | None | Unset):
            is_used_as_agreed (bool | None | Unset):
            is_check_late (bool | Unset):
            changed_on (datetime.date | Unset):
    """

    loan_id: UUID
    referral_id: UUID
    need_id: None | UUID
    household_id: UUID
    version: int
    commune: str | Unset = UNSET
    programme: str | Unset = UNSET
    source: CapitalSource | Unset = UNSET
    state: LoanState | Unset = UNSET
    contract_number: str | Unset = UNSET
    principal: int | Unset = UNSET
    paid_on: datetime.date | Unset = UNSET
    months: int | Unset = UNSET
    due_on: datetime.date | Unset = UNSET
    is_past_due: bool | Unset = UNSET
    balances: BucketsOut | Unset = UNSET
    interest: BucketsOut | Unset = UNSET
    balance_on: datetime.date | Unset = UNSET
    yearly_rate_percent: str | Unset = UNSET
    overdue_rate_percent: str | Unset = UNSET
    rate_on: datetime.date | Unset = UNSET
    rate_document: str | Unset = UNSET
    frozen_from: datetime.date | None | Unset = UNSET
    frozen_until: datetime.date | None | Unset = UNSET
    check_due_on: datetime.date | Unset = UNSET
    checked_on: datetime.date | None | Unset = UNSET
    is_used_as_agreed: bool | None | Unset = UNSET
    is_check_late: bool | Unset = UNSET
    changed_on: datetime.date | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        loan_id = str(self.loan_id)

        referral_id = str(self.referral_id)

        need_id: None | str
        if isinstance(self.need_id, UUID):
            need_id = str(self.need_id)
        else:
            need_id = self.need_id

        household_id = str(self.household_id)

        version = self.version

        commune = self.commune

        programme = self.programme

        source: str | Unset = UNSET
        if not isinstance(self.source, Unset):
            source = self.source.value

        state: str | Unset = UNSET
        if not isinstance(self.state, Unset):
            state = self.state.value

        contract_number = self.contract_number

        principal = self.principal

        paid_on: str | Unset = UNSET
        if not isinstance(self.paid_on, Unset):
            paid_on = self.paid_on.isoformat()

        months = self.months

        due_on: str | Unset = UNSET
        if not isinstance(self.due_on, Unset):
            due_on = self.due_on.isoformat()

        is_past_due = self.is_past_due

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

        overdue_rate_percent = self.overdue_rate_percent

        rate_on: str | Unset = UNSET
        if not isinstance(self.rate_on, Unset):
            rate_on = self.rate_on.isoformat()

        rate_document = self.rate_document

        frozen_from: None | str | Unset
        if isinstance(self.frozen_from, Unset):
            frozen_from = UNSET
        elif isinstance(self.frozen_from, datetime.date):
            frozen_from = self.frozen_from.isoformat()
        else:
            frozen_from = self.frozen_from

        frozen_until: None | str | Unset
        if isinstance(self.frozen_until, Unset):
            frozen_until = UNSET
        elif isinstance(self.frozen_until, datetime.date):
            frozen_until = self.frozen_until.isoformat()
        else:
            frozen_until = self.frozen_until

        check_due_on: str | Unset = UNSET
        if not isinstance(self.check_due_on, Unset):
            check_due_on = self.check_due_on.isoformat()

        checked_on: None | str | Unset
        if isinstance(self.checked_on, Unset):
            checked_on = UNSET
        elif isinstance(self.checked_on, datetime.date):
            checked_on = self.checked_on.isoformat()
        else:
            checked_on = self.checked_on

        is_used_as_agreed: bool | None | Unset
        if isinstance(self.is_used_as_agreed, Unset):
            is_used_as_agreed = UNSET
        else:
            is_used_as_agreed = self.is_used_as_agreed

        is_check_late = self.is_check_late

        changed_on: str | Unset = UNSET
        if not isinstance(self.changed_on, Unset):
            changed_on = self.changed_on.isoformat()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "loan_id": loan_id,
                "referral_id": referral_id,
                "need_id": need_id,
                "household_id": household_id,
                "version": version,
            }
        )
        if commune is not UNSET:
            field_dict["commune"] = commune
        if programme is not UNSET:
            field_dict["programme"] = programme
        if source is not UNSET:
            field_dict["source"] = source
        if state is not UNSET:
            field_dict["state"] = state
        if contract_number is not UNSET:
            field_dict["contract_number"] = contract_number
        if principal is not UNSET:
            field_dict["principal"] = principal
        if paid_on is not UNSET:
            field_dict["paid_on"] = paid_on
        if months is not UNSET:
            field_dict["months"] = months
        if due_on is not UNSET:
            field_dict["due_on"] = due_on
        if is_past_due is not UNSET:
            field_dict["is_past_due"] = is_past_due
        if balances is not UNSET:
            field_dict["balances"] = balances
        if interest is not UNSET:
            field_dict["interest"] = interest
        if balance_on is not UNSET:
            field_dict["balance_on"] = balance_on
        if yearly_rate_percent is not UNSET:
            field_dict["yearly_rate_percent"] = yearly_rate_percent
        if overdue_rate_percent is not UNSET:
            field_dict["overdue_rate_percent"] = overdue_rate_percent
        if rate_on is not UNSET:
            field_dict["rate_on"] = rate_on
        if rate_document is not UNSET:
            field_dict["rate_document"] = rate_document
        if frozen_from is not UNSET:
            field_dict["frozen_from"] = frozen_from
        if frozen_until is not UNSET:
            field_dict["frozen_until"] = frozen_until
        if check_due_on is not UNSET:
            field_dict["check_due_on"] = check_due_on
        if checked_on is not UNSET:
            field_dict["checked_on"] = checked_on
        if is_used_as_agreed is not UNSET:
            field_dict["is_used_as_agreed"] = is_used_as_agreed
        if is_check_late is not UNSET:
            field_dict["is_check_late"] = is_check_late
        if changed_on is not UNSET:
            field_dict["changed_on"] = changed_on

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.buckets_out import BucketsOut

        d = dict(src_dict)
        loan_id = UUID(d.pop("loan_id"))

        referral_id = UUID(d.pop("referral_id"))

        def _parse_need_id(data: object) -> None | UUID:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                need_id_type_0 = UUID(data)

                return need_id_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | UUID, data)

        need_id = _parse_need_id(d.pop("need_id"))

        household_id = UUID(d.pop("household_id"))

        version = d.pop("version")

        commune = d.pop("commune", UNSET)

        programme = d.pop("programme", UNSET)

        _source = d.pop("source", UNSET)
        source: CapitalSource | Unset
        if isinstance(_source, Unset):
            source = UNSET
        else:
            source = CapitalSource(_source)

        _state = d.pop("state", UNSET)
        state: LoanState | Unset
        if isinstance(_state, Unset):
            state = UNSET
        else:
            state = LoanState(_state)

        contract_number = d.pop("contract_number", UNSET)

        principal = d.pop("principal", UNSET)

        _paid_on = d.pop("paid_on", UNSET)
        paid_on: datetime.date | Unset
        if isinstance(_paid_on, Unset):
            paid_on = UNSET
        else:
            paid_on = datetime.date.fromisoformat(_paid_on)

        months = d.pop("months", UNSET)

        _due_on = d.pop("due_on", UNSET)
        due_on: datetime.date | Unset
        if isinstance(_due_on, Unset):
            due_on = UNSET
        else:
            due_on = datetime.date.fromisoformat(_due_on)

        is_past_due = d.pop("is_past_due", UNSET)

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

        overdue_rate_percent = d.pop("overdue_rate_percent", UNSET)

        _rate_on = d.pop("rate_on", UNSET)
        rate_on: datetime.date | Unset
        if isinstance(_rate_on, Unset):
            rate_on = UNSET
        else:
            rate_on = datetime.date.fromisoformat(_rate_on)

        rate_document = d.pop("rate_document", UNSET)

        def _parse_frozen_from(data: object) -> datetime.date | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                frozen_from_type_0 = datetime.date.fromisoformat(data)

                return frozen_from_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.date | None | Unset, data)

        frozen_from = _parse_frozen_from(d.pop("frozen_from", UNSET))

        def _parse_frozen_until(data: object) -> datetime.date | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                frozen_until_type_0 = datetime.date.fromisoformat(data)

                return frozen_until_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.date | None | Unset, data)

        frozen_until = _parse_frozen_until(d.pop("frozen_until", UNSET))

        _check_due_on = d.pop("check_due_on", UNSET)
        check_due_on: datetime.date | Unset
        if isinstance(_check_due_on, Unset):
            check_due_on = UNSET
        else:
            check_due_on = datetime.date.fromisoformat(_check_due_on)

        def _parse_checked_on(data: object) -> datetime.date | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                checked_on_type_0 = datetime.date.fromisoformat(data)

                return checked_on_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.date | None | Unset, data)

        checked_on = _parse_checked_on(d.pop("checked_on", UNSET))

        def _parse_is_used_as_agreed(data: object) -> bool | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(bool | None | Unset, data)

        is_used_as_agreed = _parse_is_used_as_agreed(d.pop("is_used_as_agreed", UNSET))

        is_check_late = d.pop("is_check_late", UNSET)

        _changed_on = d.pop("changed_on", UNSET)
        changed_on: datetime.date | Unset
        if isinstance(_changed_on, Unset):
            changed_on = UNSET
        else:
            changed_on = datetime.date.fromisoformat(_changed_on)

        loan_out = cls(
            loan_id=loan_id,
            referral_id=referral_id,
            need_id=need_id,
            household_id=household_id,
            version=version,
            commune=commune,
            programme=programme,
            source=source,
            state=state,
            contract_number=contract_number,
            principal=principal,
            paid_on=paid_on,
            months=months,
            due_on=due_on,
            is_past_due=is_past_due,
            balances=balances,
            interest=interest,
            balance_on=balance_on,
            yearly_rate_percent=yearly_rate_percent,
            overdue_rate_percent=overdue_rate_percent,
            rate_on=rate_on,
            rate_document=rate_document,
            frozen_from=frozen_from,
            frozen_until=frozen_until,
            check_due_on=check_due_on,
            checked_on=checked_on,
            is_used_as_agreed=is_used_as_agreed,
            is_check_late=is_check_late,
            changed_on=changed_on,
        )

        loan_out.additional_properties = d
        return loan_out

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
