"""Cuts a CloudEvents batch into the exact bytes of its events, also where one of them is broken."""

import re

_OPEN, _CLOSE, _QUOTE, _ESCAPE = ord("{"), ord("}"), ord('"'), ord("\\")
_MARKS = re.compile(rb'["\\{}]')
# How our own encoder begins an event: the way back where braces no longer match.
_BEGIN = re.compile(rb'\{"specversion"')


def split(body: bytes) -> list[bytes]:
    """The elements of a JSON array of objects, untouched; a lone object is one element."""
    parts = _by_braces(body)
    if parts is None:
        parts = _by_beginnings(body)
    return parts or [body]


def _by_braces(body: bytes) -> list[bytes] | None:
    """Follow strings and braces; None where they do not match."""
    parts: list[bytes] = []
    depth = start = 0
    in_string, skip = False, -1
    for found in _MARKS.finditer(body):
        place, mark = found.start(), body[found.start()]
        if place == skip:
            continue
        if in_string:
            if mark == _ESCAPE:
                skip = place + 1
            elif mark == _QUOTE:
                in_string = False
        elif mark == _QUOTE:
            in_string = True
        elif mark == _OPEN:
            if depth == 0:
                start = place
            depth += 1
        elif mark == _CLOSE:
            depth -= 1
            if depth < 0:
                return None
            if depth == 0:
                parts.append(body[start : place + 1])
    return None if depth or in_string else parts


def _by_beginnings(body: bytes) -> list[bytes]:
    starts = [found.start() for found in _BEGIN.finditer(body)]
    ends = [*starts[1:], len(body)]
    return [body[start:end].rstrip(b" \n\r\t,]") for start, end in zip(starts, ends, strict=True)]
