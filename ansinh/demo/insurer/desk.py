"""A round of the insurer: work what came, promise its answers, tell what is promised.

Between an answer of An Sinh and its tick in the books the process may die: the next run tells the
same again, and An Sinh, which knows it, changes nothing.
"""

from datetime import date
from functools import partial

from ansinh.demo.counterpart.books import MOST_REFUSALS
from ansinh.demo.counterpart.client import Client, taken_of
from ansinh.demo.counterpart.control import Control
from ansinh.demo.counterpart.modes import Mode, arrange, is_slip, page_size
from ansinh.demo.insurer.books import Books
from ansinh.demo.insurer.rules import Answer, Rules, slip
from libs.common import faults


class Desk:
    """The insurer at work."""

    def __init__(self, books: Books, client: Client, rules: Rules) -> None:
        self._books = books
        self._client = client
        self._rules = rules
        self._rounds = 0

    async def round(self, control: Control) -> bool:
        """One round; False: there was nothing to do and nothing is left.

        Raises:
            Unreachable: An Sinh does not answer; what was promised stays promised.
        """
        self._rounds += 1
        today, modes = control.today, control.modes
        with self._books.writing():
            worked = self._books.work(page_size(modes), self._rules, today)
        answers = self._books.untold()
        if Mode.OUT_OF_ORDER in modes:
            answers = arrange(answers, modes - {Mode.SLOW}, self._rounds)
        told = answers[: page_size(modes)]
        if told:
            await self._tell(told, today, modes)
        return bool(worked or told)

    async def _tell(self, answers: list[Answer], today: date, modes: frozenset[Mode]) -> None:
        """A page; each line is taken or refused by itself."""
        lines = []
        for answer in answers:
            is_wrong = is_slip(answer.name, modes, self._books.refusals_of(answer.name))
            lines.append(slip(answer.body()) if is_wrong else answer.body())
        faults.at("before_cards_call")
        reply = await self._client.post(
            "/v1/insurance/cards", "cards", {"lines": lines}, twice=Mode.DUPLICATING in modes
        )
        faults.at("after_cards_call")
        with self._books.writing():
            self._books.tick_off(taken_of(answers, reply, partial(self._refused, today)))

    def _refused(self, today: date, answer: Answer, status: int, code: str, detail: str) -> None:
        if self._books.record_problem(answer.name, today, status, code, detail) >= MOST_REFUSALS:
            self._books.give_up(answer)
