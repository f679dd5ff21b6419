"""Insurance cards, told: an insurer that hears by webhooks, dies, and is in step in the end.

The insurer (`ansinh.demo.insurer`) is a process of its own with its own books. It is killed by
SIGKILL after An Sinh has taken a page of its answers and before it could write that down. While it
is away its endpoint is paused, and a household's class changes. Then it runs again, badly behaved,
and in the end its books, the roll and An Sinh's cards must be the same, line by line.
"""

import socket
from collections import Counter
from collections.abc import Iterable
from datetime import date
from typing import Any

from ansinh.demo.client import Client
from ansinh.demo.counterpart.books import read_problems
from ansinh.demo.counterpart.modes import Mode
from ansinh.demo.counterpart.process import CounterpartDied, CounterpartProcess, insurer_process
from ansinh.demo.insurer.books import read_answers, read_counts, read_lines
from ansinh.demo.insurer.comparing import differences, roll_differences, unanswered
from ansinh.demo.insurer.rules import ISSUED, REJECTED
from ansinh.demo.partners import INSURER, Endpoint, endpoint_of, register
from ansinh.demo.stage import Stage
from libs.common.security.roles import Role

BEGINS = date(2022, 7, 11)
KILLED_AT = "after_cards_call"
BADLY = frozenset({Mode.DUPLICATING, Mode.OUT_OF_ORDER, Mode.WRONG})
_SERVICE = "eligibility"
_LIMIT = 500


class Insuring:
    """The chapter in two parts, with others between them.

    Args:
        stage: where it is played.
        areas: the insurer's communes.
    """

    def __init__(self, stage: Stage, areas: Iterable[str]) -> None:
        self._stage = stage
        self._areas = tuple(sorted(set(areas)))
        self._insurer: CounterpartProcess | None = None
        self._endpoint: Endpoint | None = None

    async def begin(self) -> None:
        """The insurer is registered, told of everything, and killed while it answers."""
        stage = self._stage
        stage.say("\nThẻ BHYT / insurance cards")
        endpoint = await register_insurer(stage.client, self._areas)
        insurer = insurer_process(stage.home / "insurer", stage.url, self._areas, endpoint)
        self._insurer, self._endpoint = insurer, endpoint
        stage.come(max(BEGINS, insurer.last_day or BEGINS))
        insurer.tell(stage.clock.day)
        async with insurer.running(f"{KILLED_AT}=kill:5"):
            try:
                await in_step(stage, insurer, endpoint)
            except CounterpartDied:
                how = (
                    "bị SIGKILL khi An Sinh vừa nhận một trang, sổ chưa kịp ghi",
                    "SIGKILL after An Sinh took a page, before its own record",
                )
            else:
                how = "đã trả lời hết; rồi bị SIGKILL", "all is answered; then SIGKILL"
        seen = read_counts(insurer.books)
        stage.tell(
            stage.clock.day,
            f"Cơ quan BHXH, {len(self._areas)} xã: {seen.webhooks:,} webhook, đã trả lời "
            f"{seen.told:,} người, còn {seen.promised:,}; {how[0]}",
            f"the insurer, {len(self._areas)} communes: {seen.webhooks:,} webhooks, {seen.told:,} "
            f"persons answered, {seen.promised:,} to go; {how[1]}",
        )

    async def end(self) -> list[str]:
        """It runs again, to the end; answers what its books and An Sinh do not say alike."""
        stage, insurer, endpoint = self._stage, self._insurer, self._endpoint
        if insurer is None or endpoint is None:
            raise RuntimeError("it has not begun")
        paused = await stage.client.get(Role.OPERATOR, _path(endpoint))
        insurer.tell(stage.clock.day, BADLY)
        async with insurer.running():
            await in_step(stage, insurer, endpoint)
        insurer.tell(stage.clock.day)  # whoever starts it by hand chooses how it behaves
        refused = ", ".join(f"{code} {many}" for code, many in read_problems(insurer.books).items())
        stage.say("\nThẻ BHYT / insurance cards")
        state = paused["pause"] or paused["state"]
        stage.tell(
            stage.clock.day,
            f"Điểm nhận: {state}, {paused['failures']} lần hỏng; cơ quan BHXH chạy lại, gửi lặp, "
            f"sai thứ tự, có lúc sai: An Sinh từ chối, đã sửa: {refused or 'không'}",
            f"its endpoint: {state}, {paused['failures']} failures; the insurer runs again, "
            f"doubling, out of order, at times wrong: refused and put right: {refused or 'none'}",
        )
        wrong = await compare(stage, insurer, self._areas)
        await stage.effects()
        for line in wrong[:20]:
            stage.say(f"    KHÁC / differs: {line}")
        return wrong


async def register_insurer(client: Client, areas: Iterable[str]) -> Endpoint:
    """The insurer of these communes becomes a partner with an endpoint, where it is none yet."""
    terms = {"areas": list(areas), "per_second": 200, "is_confirmed": False}
    await register(client, _SERVICE, {**INSURER, **terms})
    return await endpoint_of(client, _SERVICE, INSURER, _free_port())


async def in_step(stage: Stage, insurer: CounterpartProcess, endpoint: Endpoint) -> None:
    """Wait until the insurer has been told everything and has answered it.

    Without the operator's `resume` the endpoint would be probed in its own time.

    Raises:
        CounterpartDied: its process ended before.
    """
    await insurer.settle()  # it is there
    await _resume(stage.client, endpoint)
    await insurer.unless_dead(stage.told())
    insurer.tell_again()  # a status from before the last webhook says nothing
    await insurer.settle()


async def compare(stage: Stage, insurer: CounterpartProcess, areas: Iterable[str]) -> list[str]:
    """Books, roll and cards beside each other; says how much was compared."""
    answers, lines = read_answers(insurer.books), read_lines(insurer.books)
    day = stage.clock.day
    roll: list[Any] = []
    cards: list[Any] = []
    for area in areas:
        roll += await _items(stage.client, "roll", area=area, on=day.isoformat())
        cards += await _items(stage.client, "cards", area=area)
    wrong = [
        *roll_differences(lines, roll, day),
        *unanswered(lines, answers),
        *differences(answers, cards),
    ]
    states = Counter(answer.state for answer in answers)
    why = ", ".join(
        f"{reason} {count}"
        for reason, count in Counter(a.reason for a in answers if a.state == REJECTED).items()
    )
    stage.tell(
        day,
        f"Đối chiếu sổ cơ quan BHXH với danh sách và thẻ của An Sinh: {len(roll):,} người, "
        f"{states[ISSUED]:,} thẻ, {states[REJECTED]:,} trả lại ({why or '–'}); {len(wrong)} khác "
        "nhau",
        f"the insurer's books beside An Sinh's roll and cards: {len(roll):,} persons, "
        f"{states[ISSUED]:,} cards, {states[REJECTED]:,} rejected; {len(wrong)} differ",
    )
    return wrong


async def _items(client: Client, list_: str, **query: Any) -> list[Any]:
    path = f"/{_SERVICE}/v1/insurance/{list_}"
    return [item async for item in client.items(Role.INSURER, path, limit=_LIMIT, **query)]


async def _resume(client: Client, endpoint: Endpoint) -> None:
    await client.post(Role.OPERATOR, f"{_path(endpoint)}/resume", {})


def _path(endpoint: Endpoint) -> str:
    return f"/{_SERVICE}/internal/v1/webhooks/{endpoint.endpoint_id}"


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])
