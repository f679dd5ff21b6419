from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.change_out_data_type_0 import ChangeOutDataType0


T = TypeVar("T", bound="ChangeOut")


@_attrs_define
class ChangeOut:
    """An event as this partner may see it: CloudEvents 1.0, `data` with the registered fields.

    Without `data` and with `scopeleft` it tells that the subject is no longer the partner's.

        Attributes:
            specversion (str):
            id (str):
            source (str):
            type_ (str):
            subject (str):
            time (datetime.datetime):
            recordedtime (datetime.datetime):
            sequence (str):
            correlationid (str):
            data (ChangeOutDataType0 | None | Unset):
            scopeleft (bool | None | Unset):
    """

    specversion: str
    id: str
    source: str
    type_: str
    subject: str
    time: datetime.datetime
    recordedtime: datetime.datetime
    sequence: str
    correlationid: str
    data: ChangeOutDataType0 | None | Unset = UNSET
    scopeleft: bool | None | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.change_out_data_type_0 import ChangeOutDataType0

        specversion = self.specversion

        id = self.id

        source = self.source

        type_ = self.type_

        subject = self.subject

        time = self.time.isoformat()

        recordedtime = self.recordedtime.isoformat()

        sequence = self.sequence

        correlationid = self.correlationid

        data: dict[str, Any] | None | Unset
        if isinstance(self.data, Unset):
            data = UNSET
        elif isinstance(self.data, ChangeOutDataType0):
            data = self.data.to_dict()
        else:
            data = self.data

        scopeleft: bool | None | Unset
        if isinstance(self.scopeleft, Unset):
            scopeleft = UNSET
        else:
            scopeleft = self.scopeleft

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "specversion": specversion,
                "id": id,
                "source": source,
                "type": type_,
                "subject": subject,
                "time": time,
                "recordedtime": recordedtime,
                "sequence": sequence,
                "correlationid": correlationid,
            }
        )
        if data is not UNSET:
            field_dict["data"] = data
        if scopeleft is not UNSET:
            field_dict["scopeleft"] = scopeleft

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.change_out_data_type_0 import ChangeOutDataType0

        d = dict(src_dict)
        specversion = d.pop("specversion")

        id = d.pop("id")

        source = d.pop("source")

        type_ = d.pop("type")

        subject = d.pop("subject")

        time = datetime.datetime.fromisoformat(d.pop("time"))

        recordedtime = datetime.datetime.fromisoformat(d.pop("recordedtime"))

        sequence = d.pop("sequence")

        correlationid = d.pop("correlationid")

        def _parse_data(data: object) -> ChangeOutDataType0 | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                data_type_0 = ChangeOutDataType0.from_dict(data)

                return data_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(ChangeOutDataType0 | None | Unset, data)

        data = _parse_data(d.pop("data", UNSET))

        def _parse_scopeleft(data: object) -> bool | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(bool | None | Unset, data)

        scopeleft = _parse_scopeleft(d.pop("scopeleft", UNSET))

        change_out = cls(
            specversion=specversion,
            id=id,
            source=source,
            type_=type_,
            subject=subject,
            time=time,
            recordedtime=recordedtime,
            sequence=sequence,
            correlationid=correlationid,
            data=data,
            scopeleft=scopeleft,
        )

        change_out.additional_properties = d
        return change_out

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
