"""How deep a JSON body is nested, found without building it."""

import re
from itertools import accumulate

from libs.common.problems import FieldError, Problem, Text

_STRUCTURE = b'[]{}"'
_OTHER = bytes(set(range(256)) - set(_STRUCTURE))
_STRING = re.compile(rb'"[^"]*"')
_STEPS = [{"[": 1, "{": 1, "]": -1, "}": -1}.get(chr(byte), 0) for byte in range(256)]


def depth_of(body: bytes) -> int:
    """The deepest nesting of a JSON text (an upper bound where it is not valid JSON)."""
    # Escaped quotes go first; then what is left of a string holds brackets at most.
    brackets = body.replace(b"\\\\", b"").replace(b'\\"', b"").translate(None, _OTHER)
    bare = _STRING.sub(b"", brackets)
    return max(accumulate(map(_STEPS.__getitem__, bare)), default=0)


def refuse_deep(body: bytes, deepest: int) -> None:
    """Refuse a body nested deeper than the limit."""
    if depth_of(body) <= deepest:
        return
    title = Text("Dữ liệu lồng nhau quá sâu.", "The body is nested too deep.")
    fix = Text(f"Nhiều nhất {deepest} tầng.", f"At most {deepest} levels.")
    raise Problem(422, "request.depth", title, [FieldError("", "request.depth", title, fix)])
