from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.capital_source import CapitalSource
from ..models.loan_state import LoanState

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
            commune (str):
            programme (str):
            source (CapitalSource): Whose money is lent (nguồn vốn).
            state (LoanState): Where a loan stands (tình trạng khoản vay).
            contract_number (str):
            principal (int):
            paid_on (datetime.date):
            months (int):
            due_on (datetime.date):
            is_past_due (bool):
            balances (BucketsOut):
            interest (BucketsOut):
            balance_on (datetime.date):
            yearly_rate_percent (str):
            overdue_rate_percent (str):
            rate_on (datetime.date):
            rate_document (str):
            frozen_from (datetime.date | None):
            frozen_until (datetime.date | None):
            check_due_on (datetime.date):
            checked_on (datetime.date | None):
            is_used_as_agreed (bool | None):
            is_check_late (bool):
            changed_on (datetime.date):
    """

    loan_id: UUID
    referral_id: UUID
    need_id: None | UUID
    household_id: UUID
    version: int
    commune: str
    programme: str
    source: CapitalSource
    state: LoanState
    contract_number: str
    principal: int
    paid_on: datetime.date
    months: int
    due_on: datetime.date
    is_past_due: bool
    balances: BucketsOut
    interest: BucketsOut
    balance_on: datetime.date
    yearly_rate_percent: str
    overdue_rate_percent: str
    rate_on: datetime.date
    rate_document: str
    frozen_from: datetime.date | None
    frozen_until: datetime.date | None
    check_due_on: datetime.date
    checked_on: datetime.date | None
    is_used_as_agreed: bool | None
    is_check_late: bool
    changed_on: datetime.date
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

        source = self.source.value

        state = self.state.value

        contract_number = self.contract_number

        principal = self.principal

        paid_on = self.paid_on.isoformat()

        months = self.months

        due_on = self.due_on.isoformat()

        is_past_due = self.is_past_due

        balances = self.balances.to_dict()

        interest = self.interest.to_dict()

        balance_on = self.balance_on.isoformat()

        yearly_rate_percent = self.yearly_rate_percent

        overdue_rate_percent = self.overdue_rate_percent

        rate_on = self.rate_on.isoformat()

        rate_document = self.rate_document

        frozen_from: None | str
        if isinstance(self.frozen_from, datetime.date):
            frozen_from = self.frozen_from.isoformat()
        else:
            frozen_from = self.frozen_from

        frozen_until: None | str
        if isinstance(self.frozen_until, datetime.date):
            frozen_until = self.frozen_until.isoformat()
        else:
            frozen_until = self.frozen_until

        check_due_on = self.check_due_on.isoformat()

        checked_on: None | str
        if isinstance(self.checked_on, datetime.date):
            checked_on = self.checked_on.isoformat()
        else:
            checked_on = self.checked_on

        is_used_as_agreed: bool | None
        is_used_as_agreed = self.is_used_as_agreed

        is_check_late = self.is_check_late

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
                "commune": commune,
                "programme": programme,
                "source": source,
                "state": state,
                "contract_number": contract_number,
                "principal": principal,
                "paid_on": paid_on,
                "months": months,
                "due_on": due_on,
                "is_past_due": is_past_due,
                "balances": balances,
                "interest": interest,
                "balance_on": balance_on,
                "yearly_rate_percent": yearly_rate_percent,
                "overdue_rate_percent": overdue_rate_percent,
                "rate_on": rate_on,
                "rate_document": rate_document,
                "frozen_from": frozen_from,
                "frozen_until": frozen_until,
                "check_due_on": check_due_on,
                "checked_on": checked_on,
                "is_used_as_agreed": is_used_as_agreed,
                "is_check_late": is_check_late,
                "changed_on": changed_on,
            }
        )

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

        commune = d.pop("commune")

        programme = d.pop("programme")

        source = CapitalSource(d.pop("source"))

        state = LoanState(d.pop("state"))

        contract_number = d.pop("contract_number")

        principal = d.pop("principal")

        paid_on = datetime.date.fromisoformat(d.pop("paid_on"))

        months = d.pop("months")

        due_on = datetime.date.fromisoformat(d.pop("due_on"))

        is_past_due = d.pop("is_past_due")

        balances = BucketsOut.from_dict(d.pop("balances"))

        interest = BucketsOut.from_dict(d.pop("interest"))

        balance_on = datetime.date.fromisoformat(d.pop("balance_on"))

        yearly_rate_percent = d.pop("yearly_rate_percent")

        overdue_rate_percent = d.pop("overdue_rate_percent")

        rate_on = datetime.date.fromisoformat(d.pop("rate_on"))

        rate_document = d.pop("rate_document")

        def _parse_frozen_from(data: object) -> datetime.date | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                frozen_from_type_0 = datetime.date.fromisoformat(data)

                return frozen_from_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.date | None, data)

        frozen_from = _parse_frozen_from(d.pop("frozen_from"))

        def _parse_frozen_until(data: object) -> datetime.date | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                frozen_until_type_0 = datetime.date.fromisoformat(data)

                return frozen_until_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.date | None, data)

        frozen_until = _parse_frozen_until(d.pop("frozen_until"))

        check_due_on = datetime.date.fromisoformat(d.pop("check_due_on"))

        def _parse_checked_on(data: object) -> datetime.date | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                checked_on_type_0 = datetime.date.fromisoformat(data)

                return checked_on_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.date | None, data)

        checked_on = _parse_checked_on(d.pop("checked_on"))

        def _parse_is_used_as_agreed(data: object) -> bool | None:
            if data is None:
                return data
            return cast(bool | None, data)

        is_used_as_agreed = _parse_is_used_as_agreed(d.pop("is_used_as_agreed"))

        is_check_late = d.pop("is_check_late")

        changed_on = datetime.date.fromisoformat(d.pop("changed_on"))

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
