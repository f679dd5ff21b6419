"""Where the demo's chapters with a counterpart are played."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from ansinh.demo.client import Client
from ansinh.demo.settings import DemoClock

Say = Callable[[str], None]
Effects = Callable[[], Awaitable[None]]


@dataclass(frozen=True)
class Stage:
    """The platform, the day, and who listens.

    Attributes:
        client: a caller of the platform.
        url: where the platform is served.
        home: the demo's folder; the counterparts' books are kept in it.
        effects: returns when all that was said has taken effect.
        told: returns when every webhook that is owed has been taken.
        clock: the platform's business day.
        say: told every line.
    """

    client: Client
    url: str
    home: Path
    effects: Effects
    told: Effects
    clock: DemoClock
    say: Say

    def tell(self, day: date, vi: str, en: str) -> None:
        self.say(f"{day:%d/%m/%Y}  {vi}\n      {en}")

    def come(self, day: date) -> None:
        """Let a day come; it never goes back."""
        self.clock.day = max(self.clock.day, day)
