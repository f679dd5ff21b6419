from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.account_out import AccountOut
    from ..models.section_out import SectionOut
    from ..models.stay import Stay
    from ..models.words_out import WordsOut


T = TypeVar("T", bound="PartOut")


@_attrs_define
class PartOut:
    """All that the caller may see of a person in one service, and the newest lines of who read it.

    Of its households what was so while it was a member (`stays`). `accounts_until`: older lines are
    had by asking with it as `before`; null: these are all.

        Attributes:
            service (str):
            title (WordsOut):
            person_id (UUID):
            stays (list[Stay]):
            sections (list[SectionOut]):
            accounts (list[AccountOut]):
            accounts_until (datetime.datetime | None):
    """

    service: str
    title: WordsOut
    person_id: UUID
    stays: list[Stay]
    sections: list[SectionOut]
    accounts: list[AccountOut]
    accounts_until: datetime.datetime | None
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        service = self.service

        title = self.title.to_dict()

        person_id = str(self.person_id)

        stays = []
        for stays_item_data in self.stays:
            stays_item = stays_item_data.to_dict()
            stays.append(stays_item)

        sections = []
        for sections_item_data in self.sections:
            sections_item = sections_item_data.to_dict()
            sections.append(sections_item)

        accounts = []
        for accounts_item_data in self.accounts:
            accounts_item = accounts_item_data.to_dict()
            accounts.append(accounts_item)

        accounts_until: None | str
        if isinstance(self.accounts_until, datetime.datetime):
            accounts_until = self.accounts_until.isoformat()
        else:
            accounts_until = self.accounts_until

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "service": service,
                "title": title,
                "person_id": person_id,
                "stays": stays,
                "sections": sections,
                "accounts": accounts,
                "accounts_until": accounts_until,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.account_out import AccountOut
        from ..models.section_out import SectionOut
        from ..models.stay import Stay
        from ..models.words_out import WordsOut

        d = dict(src_dict)
        service = d.pop("service")

        title = WordsOut.from_dict(d.pop("title"))

        person_id = UUID(d.pop("person_id"))

        stays = []
        _stays = d.pop("stays")
        for stays_item_data in _stays:
            stays_item = Stay.from_dict(stays_item_data)

            stays.append(stays_item)

        sections = []
        _sections = d.pop("sections")
        for sections_item_data in _sections:
            sections_item = SectionOut.from_dict(sections_item_data)

            sections.append(sections_item)

        accounts = []
        _accounts = d.pop("accounts")
        for accounts_item_data in _accounts:
            accounts_item = AccountOut.from_dict(accounts_item_data)

            accounts.append(accounts_item)

        def _parse_accounts_until(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                accounts_until_type_0 = datetime.datetime.fromisoformat(data)

                return accounts_until_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        accounts_until = _parse_accounts_until(d.pop("accounts_until"))

        part_out = cls(
            service=service,
            title=title,
            person_id=person_id,
            stays=stays,
            sections=sections,
            accounts=accounts,
            accounts_until=accounts_until,
        )

        part_out.additional_properties = d
        return part_out

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
