"""What other registries send. Peers' habits are let pass where no doubt follows from them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Self

from pydantic import AliasChoices, BaseModel, Field, model_validator

from libs.common.dci.messages import SearchResponse
from libs.common.dci.model import Dci, Id, Reference, Timestamp
from libs.common.dci.words import Action, Status

_At = Annotated[
    Timestamp, Field(validation_alias=AliasChoices("timestamp", "timesstamp", "timesatmp"))
]


class SubscribeAnswer(Dci):
    reference_id: Reference
    timestamp: _At
    status: Status
    status_reason_code: str | None = None
    subscriptions: list[dict[str, Any]] | None = None


class SubscribeResponse(Dci):
    transaction_id: Id
    correlation_id: Id
    subscribe_response: list[SubscribeAnswer]


class UnsubscribeResponse(Dci):
    transaction_id: Id
    correlation_id: Id
    timestamp: _At
    status: Status
    status_reason_code: str | None = None


class TxnState(Dci):
    txn_type: str
    txn_status: dict[str, Any]


class TxnStatusResponse(Dci):
    transaction_id: Id
    correlation_id: Id
    txnstatus_response: TxnState


class EventData(Dci):
    """`reg_records` is one object here; some senders give a list of one."""

    reg_type: str | None = None
    reg_event_type: str | None = None
    reg_record_type: str
    reg_records: dict[str, Any] | list[dict[str, Any]]


class Event(Dci):
    """One notification: by the standard, or as openIMIS writes it (`reg_record`)."""

    reference_id: Reference
    timestamp: _At
    data: EventData | None = None
    reg_record: dict[str, Any] | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.data is None and self.reg_record is None:
            raise ValueError("data is required")
        return self


class Notification(Dci):
    transaction_id: Id
    notify_event: Annotated[
        list[Event],
        Field(
            min_length=1,
            max_length=1_000,
            validation_alias=AliasChoices("notify_event", "notify_request"),
        ),
    ]


class ReceivedOut(BaseModel):
    """One part of what another registry sent; `key` stays the same when it is sent again."""

    partner: str
    action: Action
    key: str
    message_id: str
    received_at: datetime


class ReceivedValuesOut(BaseModel):
    """The same with everything that was said, as it came."""

    header: dict[str, Any]
    message: dict[str, Any]


MODELS: Mapping[Action, type[Dci]] = {
    Action.ON_SEARCH: SearchResponse,
    Action.ON_SUBSCRIBE: SubscribeResponse,
    Action.ON_UNSUBSCRIBE: UnsubscribeResponse,
    Action.NOTIFY: Notification,
    Action.TXN_ON_STATUS: TxnStatusResponse,
}
