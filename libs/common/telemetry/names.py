"""Every name of a span, a metric and an attribute, in one place.

Messaging names are those of the OpenTelemetry conventions 1.44, where messaging is still in
development: when they move, this file moves. Names the conventions have retired are never used.
"""

SCOPE = "ansinh"

# Operations: a span is named `<operation> <destination>`.
CREATE = "create"
PUBLISH = "publish"
PROCESS = "process"
ACK = "ack"
SEND = "send"

# Operation types.
TYPE_CREATE = "create"
TYPE_SEND = "send"
TYPE_PROCESS = "process"
TYPE_SETTLE = "settle"

# Attributes of the conventions.
SYSTEM = "messaging.system"
OPERATION_NAME = "messaging.operation.name"
OPERATION_TYPE = "messaging.operation.type"
DESTINATION = "messaging.destination.name"
MESSAGE_ID = "messaging.message.id"
CONVERSATION_ID = "messaging.message.conversation_id"
ROUTING_KEY = "messaging.rabbitmq.destination.routing_key"
BATCH_COUNT = "messaging.batch.message_count"
CONSUMER_GROUP = "messaging.consumer.group.name"
SERVER_ADDRESS = "server.address"
SERVER_PORT = "server.port"
ERROR_TYPE = "error.type"
HTTP_METHOD = "http.request.method"
HTTP_ROUTE = "http.route"
HTTP_STATUS = "http.response.status_code"
SERVICE_NAME = "service.name"
SERVICE_VERSION = "service.version"
SERVICE_INSTANCE = "service.instance.id"

# Attributes of our own. A subject's id may stand on a span, never in a name or a metric label.
VERSION = "ansinh.version"
OUTCOME = "ansinh.outcome"
SUBJECT = "ansinh.subject"
SERVICE = "ansinh.service"
CONSUMER = "ansinh.consumer"
PARTNER = "ansinh.partner"

# What became of one delivered event.
OUTCOMES = ("applied", "superseded", "stale", "duplicate", "retried", "parked")

# Metrics of the conventions (durations in seconds).
OPERATION_DURATION = "messaging.client.operation.duration"
SENT_MESSAGES = "messaging.client.sent.messages"
CONSUMED_MESSAGES = "messaging.client.consumed.messages"
PROCESS_DURATION = "messaging.process.duration"
REQUEST_DURATION = "http.server.request.duration"

# Metrics of our own: what is behind, by how much, since when, because of whom.
OUTBOX_PENDING = "outbox.pending"
OUTBOX_OLDEST_AGE = "outbox.oldest_age"
OUTBOX_HELD = "outbox.held"
INBOX_OUTCOMES = "inbox.outcomes"
CONSUMER_LAG = "consumer.lag"
CONSUMER_ALIVE = "consumer.alive"
PARKED_COUNT = "parked.count"
DEAD_LETTERS = "dlq.messages"
LEDGER_HORIZON_AGE = "ledger.horizon_age"
PARTNER_PENDING = "partner.pending"
PARTNER_OLDEST_AGE = "partner.oldest_age"
PARTNER_FAILED = "partner.failed"
PARTNER_DELIVERIES = "partner.deliveries"
PARTNER_DELIVERY_DURATION = "partner.delivery.duration"

GAUGES = {
    OUTBOX_PENDING: ("{event}", "Events committed and not yet with the transport"),
    OUTBOX_OLDEST_AGE: ("s", "Age of the oldest event in the outbox"),
    OUTBOX_HELD: ("{event}", "Events that the relay has given up on"),
    CONSUMER_LAG: ("s", "Now less the recorded time of what a consumer works or has yet to work"),
    CONSUMER_ALIVE: ("{consumer}", "1 while the consumer receives, and its batch moves"),
    PARKED_COUNT: ("{event}", "Parked events that wait for an operator"),
    DEAD_LETTERS: (
        "{message}",
        "Messages in a consumer's dead-letter queue, and parked from there",
    ),
    PARTNER_PENDING: ("{event}", "Events that a partner's webhooks have yet to tell of"),
    PARTNER_OLDEST_AGE: ("s", "Age of the oldest event that a partner has yet to be told of"),
    PARTNER_FAILED: ("{event}", "Deliveries given up, until a person has them tried again"),
    LEDGER_HORIZON_AGE: ("s", "Age of the oldest transaction that holds the ledger's horizon"),
}
