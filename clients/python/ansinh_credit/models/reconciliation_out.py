from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.reconciliation_state import ReconciliationState

if TYPE_CHECKING:
    from ..models.reconciliation_out_differences import ReconciliationOutDifferences


T = TypeVar("T", bound="ReconciliationOut")


@_attrs_define
class ReconciliationOut:
    """The same for the partner: a line of its list holds `key`, then `columns`.

    Attributes:
        reconciliation_id (UUID):
        partner (str):
        list_ (str):
        as_of (datetime.date):
        is_whole (bool):
        state (ReconciliationState): Where a reconciliation is: it takes pages, waits for the job, is compared, has
            ended.
        opened_at (datetime.datetime):
        pages (int):
        read (int):
        unreadable (int):
        known_at (datetime.datetime | None):
        ours (int | None):
        agreed (int | None):
        differences (ReconciliationOutDifferences):
        is_empty (bool):
        finished_at (datetime.datetime | None):
        answered_on (datetime.date | None):
        answer (None | str):
        key (str):
        columns (list[str]):
    """

    reconciliation_id: UUID
    partner: str
    list_: str
    as_of: datetime.date
    is_whole: bool
    state: ReconciliationState
    opened_at: datetime.datetime
    pages: int
    read: int
    unreadable: int
    known_at: datetime.datetime | None
    ours: int | None
    agreed: int | None
    differences: ReconciliationOutDifferences
    is_empty: bool
    finished_at: datetime.datetime | None
    answered_on: datetime.date | None
    answer: None | str
    key: str
    columns: list[str]
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        reconciliation_id = str(self.reconciliation_id)

        partner = self.partner

        list_ = self.list_

        as_of = self.as_of.isoformat()

        is_whole = self.is_whole

        state = self.state.value

        opened_at = self.opened_at.isoformat()

        pages = self.pages

        read = self.read

        unreadable = self.unreadable

        known_at: None | str
        if isinstance(self.known_at, datetime.datetime):
            known_at = self.known_at.isoformat()
        else:
            known_at = self.known_at

        ours: int | None
        ours = self.ours

        agreed: int | None
        agreed = self.agreed

        differences = self.differences.to_dict()

        is_empty = self.is_empty

        finished_at: None | str
        if isinstance(self.finished_at, datetime.datetime):
            finished_at = self.finished_at.isoformat()
        else:
            finished_at = self.finished_at

        answered_on: None | str
        if isinstance(self.answered_on, datetime.date):
            answered_on = self.answered_on.isoformat()
        else:
            answered_on = self.answered_on

        answer: None | str
        answer = self.answer

        key = self.key

        columns = self.columns

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "reconciliation_id": reconciliation_id,
                "partner": partner,
                "list": list_,
                "as_of": as_of,
                "is_whole": is_whole,
                "state": state,
                "opened_at": opened_at,
                "pages": pages,
                "read": read,
                "unreadable": unreadable,
                "known_at": known_at,
                "ours": ours,
                "agreed": agreed,
                "differences": differences,
                "is_empty": is_empty,
                "finished_at": finished_at,
                "answered_on": answered_on,
                "answer": answer,
                "key": key,
                "columns": columns,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.reconciliation_out_differences import ReconciliationOutDifferences

        d = dict(src_dict)
        reconciliation_id = UUID(d.pop("reconciliation_id"))

        partner = d.pop("partner")

        list_ = d.pop("list")

        as_of = datetime.date.fromisoformat(d.pop("as_of"))

        is_whole = d.pop("is_whole")

        state = ReconciliationState(d.pop("state"))

        opened_at = datetime.datetime.fromisoformat(d.pop("opened_at"))

        pages = d.pop("pages")

        read = d.pop("read")

        unreadable = d.pop("unreadable")

        def _parse_known_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                known_at_type_0 = datetime.datetime.fromisoformat(data)

                return known_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        known_at = _parse_known_at(d.pop("known_at"))

        def _parse_ours(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        ours = _parse_ours(d.pop("ours"))

        def _parse_agreed(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        agreed = _parse_agreed(d.pop("agreed"))

        differences = ReconciliationOutDifferences.from_dict(d.pop("differences"))

        is_empty = d.pop("is_empty")

        def _parse_finished_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                finished_at_type_0 = datetime.datetime.fromisoformat(data)

                return finished_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        finished_at = _parse_finished_at(d.pop("finished_at"))

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

        def _parse_answer(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        answer = _parse_answer(d.pop("answer"))

        key = d.pop("key")

        columns = cast(list[str], d.pop("columns"))

        reconciliation_out = cls(
            reconciliation_id=reconciliation_id,
            partner=partner,
            list_=list_,
            as_of=as_of,
            is_whole=is_whole,
            state=state,
            opened_at=opened_at,
            pages=pages,
            read=read,
            unreadable=unreadable,
            known_at=known_at,
            ours=ours,
            agreed=agreed,
            differences=differences,
            is_empty=is_empty,
            finished_at=finished_at,
            answered_on=answered_on,
            answer=answer,
            key=key,
            columns=columns,
        )

        reconciliation_out.additional_properties = d
        return reconciliation_out

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
