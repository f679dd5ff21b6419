"""The standard's closed word lists, as they are written on the wire."""

import functools
from enum import StrEnum

VERSION = "1.0.0"
REGISTRY_TYPE = "ns:org:RegistryType:Social"
PREFIX = "/dci/v1.0.0"  # of every route; the tails are the standard's
TOKEN_PATH = f"{PREFIX}/oauth2/client/token"  # the identity provider's, behind the gateway
MOST_REQUESTS = 1_000  # items of one message


class Action(StrEnum):
    """What a message asks for, or answers."""

    SEARCH = "search"
    ON_SEARCH = "on-search"
    SUBSCRIBE = "subscribe"
    ON_SUBSCRIBE = "on-subscribe"
    UNSUBSCRIBE = "unsubscribe"
    ON_UNSUBSCRIBE = "on-unsubscribe"
    NOTIFY = "notify"
    TXN_STATUS = "txn-status"
    TXN_ON_STATUS = "txn-on-status"


class Scope(StrEnum):
    """What a partner may ask for; the words of a token's `scope`."""

    SEARCH = "registry/search"
    SUBSCRIBE = "registry/subscribe"
    NOTIFY = "registry/notify"


class Status(StrEnum):
    RECEIVED = "rcvd"
    PENDING = "pdng"
    SUCCEEDED = "succ"
    REJECTED = "rjct"


class AckStatus(StrEnum):
    ACK = "ACK"  # accepted, a callback follows
    NACK = "NACK"  # valid, nothing follows
    ERR = "ERR"  # refused


class ErrorCode(StrEnum):
    """Why a message was not taken."""

    BAD = "err.request.bad"
    UNAUTHORIZED = "err.request.unauthorized"
    FORBIDDEN = "err.request.forbidden"
    NOT_FOUND = "err.request.not_found"
    TIMEOUT = "err.request.timeout"
    TOO_MANY = "err.request.too_many_requests"
    VERSION = "err.version.not_supported"
    SENDER = "err.sender_id.invalid"
    SENDER_URI = "err.sender_uri.invalid"
    RECEIVER = "err.receiver_id.invalid"
    SIGNATURE_MISSING = "err.signature.missing"
    SIGNATURE = "err.signature.invalid"
    ENCRYPTION = "err.encryption.invalid"
    UNAVAILABLE = "err.service.unavailable"


class HeaderReason(StrEnum):
    """Why a header is rejected, where the answer has a header to say so."""

    VERSION = "rjct.version.invalid"
    DUPLICATE = "rjct.message_id.duplicate"
    TIMESTAMP = "rjct.message_ts.invalid"
    ACTION = "rjct.action.invalid"
    ACTION_NOT_SUPPORTED = "rjct.action.not_supported"
    COUNT = "rjct.total_count.invalid"
    COUNT_LIMIT = "rjct.total_count.limit_exceeded"
    ERRORS = "rjct.errors.too_many"


class Reason(StrEnum):
    """Why one item of a message is rejected."""

    REFERENCE = "rjct.reference_id.invalid"
    REFERENCE_DUPLICATE = "rjct.reference_id.duplicate"
    TIMESTAMP = "rjct.timestamp.invalid"
    CRITERIA = "rjct.search_criteria.invalid"
    FILTER = "rjct.filter.invalid"
    SORT = "rjct.sort.invalid"
    PAGINATION = "rjct.pagination.invalid"
    TOO_MANY = "rjct.search.too_many_records_found"
    NOTIFY_TYPES = "rjct.notify_types.invalid"
    NOTIFY_DETAILS = "rjct.notify_details.invalid"
    PERSON = "rjct.person_id.invalid"
    ALREADY_SUBSCRIBED = "rjct.event.already_subscribed"
    SUBSCRIPTION_CODE = "rjct.subscription_code.invalid"
    REQUESTER = "rjct.requester.invalid"
    ALREADY_UNSUBSCRIBED = "rjct.event.already_unsubscribed"


class RecordType(StrEnum):
    """What is searched for and answered."""

    GROUP = "Group"  # a household
    MEMBER = "Member"  # a person in it
    PERSON = "SRPerson"  # the person alone

    @classmethod
    def read(cls, text: str | None) -> "RecordType | None":
        """By the names in use: `spdci:Group`, `SRGroup`, `Person`; None where it is no such."""
        return None if text is None else _record_type(text)


@functools.lru_cache(maxsize=1_024)
def _record_type(text: str) -> RecordType | None:
    return _RECORD_TYPES.get(text.rpartition(":")[2].removeprefix("SR"))


_RECORD_TYPES = {
    "Group": RecordType.GROUP,
    "Member": RecordType.MEMBER,
    "Person": RecordType.PERSON,
}


class QueryType(StrEnum):
    IDENTIFIER = "idtype-value"
    EXPRESSION = "expression"
    PREDICATE = "predicate"
