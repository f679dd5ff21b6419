"""The messages partners send: requests to the registry, and what they answer.

What only makes one item impossible (an attribute, an operator, a sort) is left to the search: that
item is rejected and its neighbours are answered. Here is what makes a message none at all. Spelling
mistakes of the standard's older drafts are understood, and never written.
"""

import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import AliasChoices, BeforeValidator, Field

from libs.common.dci.model import Dci, Id, Locale, Name, Reference, Timestamp
from libs.common.dci.words import VERSION, Status

_AT = AliasChoices("timestamp", "timesstamp", "timesatmp")
_PURPOSE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,63}")
_PageNumber = Annotated[int, Field(ge=1, le=2**31 - 1)]


def purpose_of(stated: Mapping[str, Any] | None) -> str | None:
    """The purpose's code in an `authorize` or `consent`, if it is a word."""
    purpose = (stated or {}).get("purpose")
    code = purpose.get("code") if isinstance(purpose, dict) else None
    return code if isinstance(code, str) and _PURPOSE.fullmatch(code) else None


class Pagination(Dci):
    page_size: _PageNumber
    page_number: _PageNumber = 1


class Sort(Dci):
    attribute_name: Annotated[str, Field(max_length=100)] = ""
    sort_order: Annotated[str, Field(max_length=10)] = "asc"


class Criteria(Dci):
    """What is searched; `query` is read by `query_type` alone, the alternatives overlap."""

    version: str = VERSION
    reg_type: Annotated[str, Field(max_length=100)] | None = None
    reg_record_type: Annotated[str, Field(max_length=100)] | None = None
    response_entity: Annotated[str, Field(max_length=100)] | None = None
    query_type: Annotated[str, Field(max_length=50)]
    query: dict[str, Any] | list[Any]
    sort: Annotated[list[Sort], Field(max_length=10)] = Field(default_factory=list)
    pagination: Pagination | None = None
    consent: dict[str, Any] | None = None
    authorize: dict[str, Any] | None = None

    @property
    def purpose(self) -> str | None:
        """The purpose's code that the partner states, if it is a word."""
        return purpose_of(self.authorize) or purpose_of(self.consent)


class SearchItem(Dci):
    reference_id: Reference
    timestamp: Annotated[Timestamp, Field(validation_alias=_AT)]
    search_criteria: Criteria
    pagination: Pagination | None = None  # some senders put it here
    locale: Locale | None = None

    @property
    def page(self) -> Pagination | None:
        return self.search_criteria.pagination or self.pagination


class SearchRequest(Dci):
    transaction_id: Id
    search_request: list[SearchItem]


class Frequency(Dci):
    """When to tell: a Quartz cron expression between two instants."""

    start_time: Timestamp
    end_time: Timestamp
    frequency: Annotated[str, Field(min_length=1, max_length=100)]


class SubscribeCriteria(Dci):
    version: str = VERSION
    reg_type: Annotated[str, Field(max_length=100)] | None = None
    reg_event_type: Annotated[str, Field(min_length=1, max_length=200)]
    filter_type: Annotated[str, Field(max_length=50)] | None = None
    filter: dict[str, Any] | list[Any]
    notify_record_type: Name
    frequency: Frequency | None = None
    authorize: dict[str, Any] | None = None


class SubscribeItem(Dci):
    reference_id: Reference
    timestamp: Annotated[Timestamp, Field(validation_alias=_AT)]
    subscribe_criteria: SubscribeCriteria
    locale: Locale | None = None


class SubscribeRequest(Dci):
    transaction_id: Id
    subscribe_request: list[SubscribeItem]


class UnsubscribeRequest(Dci):
    transaction_id: Id
    timestamp: Annotated[Timestamp, Field(validation_alias=_AT)]
    subscription_codes: Annotated[
        list[Id],
        Field(validation_alias=AliasChoices("subscription_codes", "sunscription_codes")),
    ]


def _spelt(value: Any) -> Any:
    return "subscribe" if value == "subscibe" else value


class TxnStatusItem(Dci):
    reference_id: Reference
    txn_type: Annotated[Literal["search", "subscribe", "receipt"], BeforeValidator(_spelt)]
    attribute_type: Literal["transaction_id", "reference_id_list", "correlation_id"]
    attribute_value: Id | Annotated[list[Reference], Field(max_length=1_000)]
    locale: Locale | None = None


class TxnStatusRequest(Dci):
    transaction_id: Id
    txnstatus_request: TxnStatusItem


class SearchAnswer(Dci):
    """One item of a SearchResponse, as a subscriber reads it."""

    reference_id: Reference
    timestamp: Annotated[Timestamp, Field(validation_alias=_AT)]
    status: Status
    status_reason_code: str | None = None
    status_reason_message: Annotated[str, Field(max_length=999)] | None = None
    data: dict[str, Any] | None = None
    pagination: dict[str, Any] | None = None
    locale: Locale | None = None


class SearchResponse(Dci):
    transaction_id: Id
    correlation_id: Id
    search_response: list[SearchAnswer]
