"""What each of `ansinh ops …` does and prints; every one answers the exit code."""

import asyncio
import json
import os
import sys
from collections.abc import Callable, Coroutine, Iterable, Sequence
from datetime import datetime
from typing import Any, Concatenate, NoReturn, ParamSpec
from uuid import UUID

import typer

from ansinh.ops import acts, printing, reasons
from ansinh.ops.client import EMBEDDED, Operator, Unanswered, embedded_address
from ansinh.ops.standings import Progress
from libs.common.messaging.operations.schemas import ReplayOut

Given = ParamSpec("Given")
_REFUSED = 2
_WATCH_SECONDS, _FOLLOW_SECONDS = 2.0, 0.5


def run_as_operator(
    act: Callable[Concatenate[Operator, Given], Coroutine[Any, Any, int]],
    *given: Given.args,
    **named: Given.kwargs,
) -> NoReturn:
    """Run one act as the operator of the environment, and exit with its code.

    A refusal is said in both languages; its exit code is 2.
    """

    async def main() -> int:
        async with Operator.from_environment() as operator:
            return await act(operator, *given, **named)

    try:
        code = asyncio.run(main())
    except Unanswered as error:
        for line in printing.unanswered(error):
            print(line, file=sys.stderr)
        code = _REFUSED
    except KeyboardInterrupt:
        code = 0
    raise typer.Exit(code)


async def status(operator: Operator, *, watch: bool, as_json: bool) -> int:
    """1 where a person is needed."""
    while True:
        progress = await acts.look(operator)
        if watch and sys.stdout.isatty():
            print("\033[H\033[2J", end="")
        if as_json:
            print(json.dumps(_as_json(progress), ensure_ascii=False), flush=True)
        else:
            print("\n".join(printing.status(progress)), flush=True)
        if not watch:
            return int(any(one.needs_person for one in reasons.find(progress)))
        await asyncio.sleep(_WATCH_SECONDS)


async def parked(operator: Operator, consumer: str | None, reason: str | None) -> int:
    return _say(printing.parked(await acts.list_parked(operator, consumer, reason)))


async def show(operator: Operator, parked_id: UUID, *, values: bool, purpose: str) -> int:
    found = await acts.find_parked(operator, parked_id)
    if values:
        return _say([await acts.read_values(operator, found.service, parked_id, purpose)])
    address = embedded_address(os.environ.get("ANSINH_URL") or EMBEDDED)
    return _say(printing.one_parked(found, f"{address}/timeline" if address else None))


async def redrive(
    operator: Operator, parked_ids: Sequence[UUID], consumer: str | None, reason: str | None
) -> int:
    if parked_ids:
        count = await acts.redrive(operator, parked_ids)
    else:
        count = await acts.redrive_all(operator, consumer, reason)
    return _say([f"Sẽ xử lý lại / to be worked again: {count:,}"])


async def discard(operator: Operator, parked_ids: Sequence[UUID], reason: str) -> int:
    return _say([f"Đã bỏ / given up: {await acts.discard(operator, parked_ids, reason):,}"])


async def held(operator: Operator) -> int:
    return _say(printing.held(await acts.list_held(operator)))


async def release(operator: Operator, service: str | None, seqs: Sequence[int]) -> int:
    count = await acts.release(operator, service, seqs)
    return _say([f"Sẽ gửi lại / to be tried again: {count:,}"])


async def replay(
    operator: Operator,
    consumer: str,
    reason: str,
    *,
    households: Sequence[UUID],
    first: datetime | None,
    last: datetime | None,
    per_second: int | None,
    follow: bool,
) -> int:
    wanted = acts.ReplayRequest(
        consumer,
        reason,
        tuple(households),
        first.date() if first else None,
        last.date() if last else None,
        per_second,
    )
    asked = await acts.replay(operator, wanted)
    _say(f"{one.replay_id}  {one.producer} → {one.consumer}" for one in asked)
    return await _follow(operator, asked) if follow else 0


async def replays(operator: Operator) -> int:
    return _say(printing.replays(await acts.list_replays(operator)))


async def cancel(operator: Operator, replay_id: UUID) -> int:
    """1 where it was no longer open, or is none that can be stopped."""
    is_stopped = await acts.cancel(operator, replay_id)
    if not is_stopped and any(
        one.replay_id == replay_id and acts.is_rest_of_queue(one)
        for one in await acts.list_replays(operator)
    ):
        _say([printing.both(printing.REST_OF_QUEUE)])
        return 1
    _say(["Đã dừng / stopped" if is_stopped else "Không còn mở / no longer open"])
    return 0 if is_stopped else 1


async def _follow(operator: Operator, asked: Sequence[ReplayOut]) -> int:
    """Draw a bar per replay until all have ended; 1 where one was cancelled, or is not known."""
    ids = {one.replay_id for one in asked}
    drawn: list[str] = []
    is_terminal = sys.stdout.isatty()
    while True:
        mine = await acts.list_replays(operator, ids)
        bars = [printing.bar(one) for one in mine]
        if is_terminal and drawn:
            print(f"\033[{len(drawn)}A", end="")
        for line in bars:
            if is_terminal or line not in drawn:
                print(line + ("\033[K" if is_terminal else ""), flush=True)
        drawn = bars
        if all(one.state in acts.ENDED for one in mine):
            return int(len(mine) < len(ids) or any(one.state == "cancelled" for one in mine))
        await asyncio.sleep(_FOLLOW_SECONDS)


def _as_json(progress: Progress) -> dict[str, Any]:
    findings = reasons.find(progress)
    return {
        "needs_person": any(one.needs_person for one in findings),
        "findings": [
            {
                "kind": one.kind,
                "who": one.who,
                "count": one.count,
                "since": one.since.isoformat() if one.since else None,
                "needs_person": one.needs_person,
                "why": {"vi": one.why.vi, "en": one.why.en},
                "act": {"vi": one.act.vi, "en": one.act.en} if one.act else None,
            }
            for one in findings
        ],
        "services": {
            name: own.model_dump(mode="json") if own else None for name, own in progress.items()
        },
    }


def _say(lines: Iterable[str]) -> int:
    print("\n".join(lines), flush=True)
    return 0
