"""A version is a generation and a number: `generation * 1,000,000 + number`. Pure.

Numbers run from 1 without gaps within a generation. Every subject begins in generation 0, where
version and number are the same; a restore of its producer begins the next generation, above all
that anybody has seen of the subject (ADR 0014).
"""

GENERATION = 1_000_000


def generation_of(version: int) -> int:
    """Which generation a version belongs to."""
    return version // GENERATION


def number_of(version: int) -> int:
    """The version's place in its generation, from 1.

    0 is a head that a restore has raised: others know the subject, this service has yet to say it.
    """
    return version % GENERATION


def is_owed(head: int) -> bool:
    """Whether a restore has raised the head and nothing has been said since: say it in any case."""
    return head > 0 and number_of(head) == 0
