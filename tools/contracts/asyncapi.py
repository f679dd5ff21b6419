"""The AsyncAPI 3.0 document: types as channels, queues as channels, who says and who listens."""

from typing import Any

from libs.common.contracts.catalogue import EVENT_TYPES, SUBSCRIPTIONS, EventType, Subscription
from libs.common.contracts.envelope import BATCH_CONTENT_TYPE
from libs.common.messaging.topology import EXCHANGE, queue_arguments

Document = dict[str, Any]

_BINDING = "0.3.0"


def asyncapi_document() -> Document:
    """The whole document; payloads point at the schemas beside it."""
    events = sorted(EVENT_TYPES.values(), key=lambda event: event.name)
    subscriptions = sorted(SUBSCRIPTIONS.values(), key=lambda entry: entry.consumer)
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "An Sinh: sự kiện / events",
            "version": "1",
            "description": (
                "Each message carries a batch of CloudEvents (JSON batch mode). Each event carries "
                "its whole subject as known after that version; versions decide, order does not. "
                "Delivery is at least once: take the event's id and the subject's sequence as "
                "keys. No names and no identity numbers ride here."
            ),
            "license": {
                "name": "Apache-2.0",
                "url": "https://www.apache.org/licenses/LICENSE-2.0",
            },
        },
        "defaultContentType": BATCH_CONTENT_TYPE,
        "servers": {
            "broker": {
                "host": "{host}",
                "protocol": "amqp",
                "protocolVersion": "0.9.1",
                "description": "RabbitMQ; quorum queues.",
                "variables": {"host": {"description": "Host and port.", "default": "localhost"}},
            }
        },
        "channels": {
            **{event.name: _type_channel(event) for event in events},
            **{entry.queue: _queue_channel(entry) for entry in subscriptions},
        },
        "operations": {
            **{f"{event.source}.says.{event.name}": _says(event) for event in events},
            **{f"{entry.consumer}.listens": _listens(entry) for entry in subscriptions},
        },
        "components": {"messages": {event.name: _message(event) for event in events}},
    }


def _message(event: EventType) -> Document:
    return {
        "name": event.name,
        "title": event.name,
        "summary": (event.data.__doc__ or "").strip().partition("\n")[0],
        "contentType": BATCH_CONTENT_TYPE,
        "payload": {
            "schemaFormat": "application/schema+json;version=draft-2020-12",
            "schema": {
                "type": "array",
                "minItems": 1,
                "items": {"$ref": f"./schemas/{event.name}.json"},
            },
        },
        "bindings": {"amqp": {"messageType": event.name, "bindingVersion": _BINDING}},
    }


def _type_channel(event: EventType) -> Document:
    return {
        "address": event.name,
        "title": event.name,
        "description": "A routing key of the shared topic exchange.",
        "messages": {event.name: {"$ref": _pointer("components", "messages", event.name)}},
        "bindings": {
            "amqp": {
                "is": "routingKey",
                "exchange": {
                    "name": EXCHANGE,
                    "type": "topic",
                    "durable": True,
                    "autoDelete": False,
                    "vhost": "/",
                },
                "bindingVersion": _BINDING,
            }
        },
    }


def _queue_channel(subscription: Subscription) -> Document:
    return {
        "address": subscription.queue,
        "title": subscription.queue,
        "description": f"Bound to {EXCHANGE} by: {', '.join(subscription.bindings)}.",
        "messages": {
            name: {"$ref": _pointer("components", "messages", name)} for name in _read(subscription)
        },
        "bindings": {
            "amqp": {
                "is": "queue",
                "queue": {
                    "name": subscription.queue,
                    "durable": True,
                    "exclusive": False,
                    "autoDelete": False,
                    "vhost": "/",
                },
                "bindingVersion": _BINDING,
            }
        },
        "x-queue-arguments": queue_arguments(subscription.queue),
    }


def _says(event: EventType) -> Document:
    return {
        "action": "send",
        "title": f"{event.source} says {event.name}",
        "channel": {"$ref": _pointer("channels", event.name)},
        "messages": [{"$ref": _pointer("channels", event.name, "messages", event.name)}],
        "bindings": {
            "amqp": {"deliveryMode": 2, "mandatory": True, "bindingVersion": _BINDING},
        },
    }


def _listens(subscription: Subscription) -> Document:
    return {
        "action": "receive",
        "title": f"{subscription.consumer} listens",
        "channel": {"$ref": _pointer("channels", subscription.queue)},
        "messages": [
            {"$ref": _pointer("channels", subscription.queue, "messages", name)}
            for name in _read(subscription)
        ],
        "bindings": {"amqp": {"ack": True, "bindingVersion": _BINDING}},
    }


def _read(subscription: Subscription) -> list[str]:
    return [name for name in sorted(EVENT_TYPES) if subscription.reads(name)]


def _pointer(*parts: str) -> str:
    return "#/" + "/".join(part.replace("~", "~0").replace("/", "~1") for part in parts)
