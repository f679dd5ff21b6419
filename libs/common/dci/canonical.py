"""The bytes that a signature covers: `{"header":…,"message":…}` with every name in order.

The standard does not say which; two forms are in use, which differ as soon as a name is not ASCII.
"""

import json
from typing import Any

from pydantic_core import from_json


def utf8(body: Any) -> bytes:
    """Names in order, no spaces, letters as they are."""
    text = json.dumps(
        body, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
    )
    return text.encode()


def ascii_only(body: Any) -> bytes:
    """The same, where every letter outside ASCII is an escape."""
    return json.dumps(
        body, ensure_ascii=True, sort_keys=True, separators=(",", ":"), allow_nan=False
    ).encode()


def parse(body: bytes) -> Any:
    """JSON as it was sent, without NaN or infinity.

    Raises:
        ValueError: it is none.
    """
    return from_json(body, allow_inf_nan=False, cache_strings="keys")


def covered(header: Any, message: Any) -> dict[str, Any]:
    """What is signed; a rejected header may come without a message."""
    return {"header": header} if message is None else {"header": header, "message": message}
