from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.capital_source import CapitalSource

T = TypeVar("T", bound="PlanOut")


@_attrs_define
class PlanOut:
    """Planned, paid out and left, VND; below zero where a plan was cut under what had been paid.

    Attributes:
        commune (str): Mã xã / commune
        source (CapitalSource): Whose money is lent (nguồn vốn).
        programme (str):
        year (int):
        version (int):
        document (str):
        planned (int):
        disbursed (int):
        left (int):
    """

    commune: str
    source: CapitalSource
    programme: str
    year: int
    version: int
    document: str
    planned: int
    disbursed: int
    left: int
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        commune = self.commune

        source = self.source.value

        programme = self.programme

        year = self.year

        version = self.version

        document = self.document

        planned = self.planned

        disbursed = self.disbursed

        left = self.left

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "commune": commune,
                "source": source,
                "programme": programme,
                "year": year,
                "version": version,
                "document": document,
                "planned": planned,
                "disbursed": disbursed,
                "left": left,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        commune = d.pop("commune")

        source = CapitalSource(d.pop("source"))

        programme = d.pop("programme")

        year = d.pop("year")

        version = d.pop("version")

        document = d.pop("document")

        planned = d.pop("planned")

        disbursed = d.pop("disbursed")

        left = d.pop("left")

        plan_out = cls(
            commune=commune,
            source=source,
            programme=programme,
            year=year,
            version=version,
            document=document,
            planned=planned,
            disbursed=disbursed,
            left=left,
        )

        plan_out.additional_properties = d
        return plan_out

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
