"""What the chapter prints, and what it compares: a difference is an exit code, not a footnote."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

from ansinh.demo.settings import DemoClock

Say = Callable[[str], None]


@dataclass
class Teller:
    """Tells what is done on which day, and keeps what came out otherwise than it must.

    Attributes:
        say: told every line.
        clock: the platform's business day.
        checked: how many comparisons were made.
        wrong: those that differed.
    """

    say: Say
    clock: DemoClock
    checked: int = 0
    wrong: list[str] = field(default_factory=list)

    def come(self, day: date) -> None:
        """Let a day come; it never goes back."""
        self.clock.day = max(self.clock.day, day)

    def step(self, vi: str, en: str) -> None:
        self.say(f"\n{self.clock.day:%d/%m/%Y}  {vi}\n            {en}")

    def add(self, vi: str, en: str) -> None:
        self.say(f"    {vi} / {en}")

    def check(self, what: str, found: object, wanted: object) -> None:
        """Compare what came out with what must come out."""
        self.checked += 1
        if found != wanted:
            self.wrong.append(f"{what}: {found}, phải là / must be {wanted}")
            self.say(f"    KHÁC / DIFFERS: {self.wrong[-1]}")
