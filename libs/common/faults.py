"""Named kill points for the failure tests. Nothing is armed unless `ANSINH_FAULTS` says so.

`ANSINH_FAULTS="after_commit=kill, after_publish=raise:3"`: at its third passing raise, at the first
one die as by SIGKILL. A point that is not armed costs one look into an empty dictionary.
"""

import os
import signal
from dataclasses import dataclass


class Fault(Exception):
    """What an armed point raises."""


@dataclass
class _Armed:
    kills: bool
    passings_left: int


def _read(text: str) -> dict[str, _Armed]:
    armed = {}
    for entry in filter(None, (part.strip() for part in text.split(","))):
        name, _, act = entry.partition("=")
        kind, _, passing = act.partition(":")
        armed[name] = _Armed(kind == "kill", int(passing or 1))
    return armed


_armed = _read(os.environ.get("ANSINH_FAULTS", ""))


def arm(text: str) -> None:
    """Arm points in this process (tests); the empty text disarms all."""
    _armed.clear()
    _armed.update(_read(text))


def at(name: str) -> None:
    """A point at which the process may be made to die or to fail."""
    if not _armed or name not in _armed:
        return
    point = _armed[name]
    point.passings_left -= 1
    if point.passings_left:
        return
    if point.kills:
        os.kill(os.getpid(), signal.SIGKILL)
    raise Fault(name)
