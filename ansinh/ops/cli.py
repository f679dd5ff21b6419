"""`ansinh ops …`: the operator's commands. Vietnamese first, English second."""

import asyncio
import json
import os
import sys
from collections.abc import Callable, Coroutine, Iterable
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import typer

from ansinh.ops import acts, printing, reasons
from ansinh.ops.client import EMBEDDED, Operator, Unanswered, embedded_address
from libs.common.messaging.schemas import ReplayOut
from libs.common.roles import run_loop

ops = typer.Typer(help="Vận hành · see what is behind, and mend it.", no_args_is_help=True)

_REFUSED = 2
_WATCH_SECONDS, _FOLLOW_SECONDS = 2.0, 0.5

Consumer = Annotated[str | None, typer.Option(help="bộ nhận · consumer")]
Why = Annotated[str | None, typer.Option(help="lý do gác lại · why it was parked")]
Service = Annotated[str | None, typer.Option(help="dịch vụ · service")]
Reason = Annotated[str, typer.Option(help="lý do của bạn · your reason")]
From = Annotated[
    datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="từ ngày · from day")
]
To = Annotated[
    datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], help="đến hết ngày · to, inclusive")
]


def run_as_operator(act: Callable[[Operator], Coroutine[Any, Any, int]]) -> None:
    """Run one act as the operator of the environment; a refusal is said in both languages."""

    async def main() -> int:
        async with Operator.from_environment() as operator:
            return await act(operator)

    try:
        code = asyncio.run(main())
    except Unanswered as error:
        for line in printing.unanswered(error):
            print(line, file=sys.stderr)
        code = _REFUSED
    except KeyboardInterrupt:
        code = 0
    raise typer.Exit(code)


@ops.command()
def status(
    watch: Annotated[bool, typer.Option(help="cập nhật mãi · until stopped")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="cho máy đọc · for machines")] = False,
) -> None:
    """Cái gì chậm, vì ai · what is behind, because of whom; exit code 1: a person is needed."""

    async def act(operator: Operator) -> int:
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

    run_as_operator(act)


@ops.command()
def parked(consumer: Consumer = None, reason: Why = None) -> None:
    """Sự kiện gác lại · parked events, oldest first."""

    async def act(operator: Operator) -> int:
        _say(printing.parked(await acts.list_parked(operator, consumer, reason)))
        return 0

    run_as_operator(act)


@ops.command()
def show(
    parked_id: Annotated[UUID, typer.Argument(help="mã · id")],
    values: Annotated[bool, typer.Option(help="cả dữ liệu · its values too")] = False,
    purpose: Annotated[
        str, typer.Option(help="mục đích, vd. · purpose code, e.g. repair.ticket-17")
    ] = "",
) -> None:
    """Xem một sự kiện gác lại · look at a parked event; its values only for a purpose."""

    async def act(operator: Operator) -> int:
        found = await acts.find_parked(operator, parked_id)
        if values:
            print(await acts.read_values(operator, found.service, parked_id, purpose))
        else:
            address = embedded_address(os.environ.get("ANSINH_URL") or EMBEDDED)
            _say(printing.one_parked(found, f"{address}/timeline" if address else None))
        return 0

    run_as_operator(act)


@ops.command()
def redrive(
    parked_ids: Annotated[list[UUID] | None, typer.Argument(help="mã · ids")] = None,
    consumer: Consumer = None,
    reason: Why = None,
    everything: Annotated[bool, typer.Option("--all", help="tất cả · every one")] = False,
) -> None:
    """Xử lý lại · work parked events again: some, all of a consumer or reason, or all."""
    has_filter = bool(consumer or reason)
    if sum((bool(parked_ids), has_filter, everything)) != 1:
        raise typer.BadParameter("mã, bộ lọc hoặc --all / ids, or a filter, or --all")

    async def act(operator: Operator) -> int:
        if parked_ids:
            count = await acts.redrive(operator, parked_ids)
        else:
            count = await acts.redrive_all(operator, consumer, reason)
        print(f"Sẽ xử lý lại / to be worked again: {count:,}")
        return 0

    run_as_operator(act)


@ops.command()
def discard(
    parked_ids: Annotated[list[UUID], typer.Argument(help="mã · ids")], reason: Reason
) -> None:
    """Bỏ hẳn, có lý do · give parked events up, for a reason."""

    async def act(operator: Operator) -> int:
        print(f"Đã bỏ / given up: {await acts.discard(operator, parked_ids, reason):,}")
        return 0

    run_as_operator(act)


@ops.command()
def held() -> None:
    """Dòng gửi bị giữ · outbox rows that are no longer tried."""

    async def act(operator: Operator) -> int:
        _say(printing.held(await acts.list_held(operator)))
        return 0

    run_as_operator(act)


@ops.command()
def release(
    seqs: Annotated[list[int] | None, typer.Argument(help="số · sequence numbers")] = None,
    service: Service = None,
) -> None:
    """Gửi lại dòng bị giữ · try held outbox rows again: all, a service's, or some of one."""
    if seqs and service is None:
        raise typer.BadParameter("cần --service / --service is needed")

    async def act(operator: Operator) -> int:
        print(f"Sẽ gửi lại / to be tried again: {await acts.release(operator, service, seqs):,}")
        return 0

    run_as_operator(act)


@ops.command()
def replay(
    consumer: Annotated[str, typer.Argument(help="vd. / e.g. credit.referrals")],
    reason: Reason,
    household: Annotated[list[UUID] | None, typer.Option(help="mã hộ · household id")] = None,
    first: From = None,
    last: To = None,
    per_second: Annotated[
        int | None, typer.Option(help="sự kiện/s, tối đa · events per second, at most")
    ] = None,
    follow: Annotated[bool, typer.Option(help="xem đến khi xong · until done")] = False,
) -> None:
    """Phát lại cho một bộ nhận · send a consumer events again, for households or days."""
    wanted = acts.ReplayRequest(
        consumer,
        reason,
        tuple(household or ()),
        first.date() if first else None,
        last.date() if last else None,
        per_second,
    )

    async def act(operator: Operator) -> int:
        asked = await acts.replay(operator, wanted)
        for one in asked:
            print(f"{one.replay_id}  {one.producer} → {one.consumer}")
        return await _follow(operator, asked) if follow else 0

    run_as_operator(act)


@ops.command()
def replays() -> None:
    """Các lần phát lại · replays, newest first."""

    async def act(operator: Operator) -> int:
        _say(printing.replays(await acts.list_replays(operator)))
        return 0

    run_as_operator(act)


@ops.command()
def cancel(replay_id: Annotated[UUID, typer.Argument(help="mã · id")]) -> None:
    """Dừng phát lại · stop a replay; what was sent stays sent."""

    async def act(operator: Operator) -> int:
        is_stopped = await acts.cancel(operator, replay_id)
        print("Đã dừng / stopped" if is_stopped else "Không còn mở / no longer open")
        return 0 if is_stopped else 1

    run_as_operator(act)


@ops.command()
def page(port: Annotated[int, typer.Option(help="cổng · port")] = 8010) -> None:
    """Mở trang /ops trên máy này · serve the page /ops on this machine, under ANSINH_TOKEN."""
    from ansinh.ops.page import run_page

    run_loop(run_page(port))


async def _follow(operator: Operator, asked: list[ReplayOut]) -> int:
    """Draw a bar per replay until all have ended; 1 where one was cancelled."""
    ids = {one.replay_id for one in asked}
    drawn: list[str] = []
    is_terminal = sys.stdout.isatty()
    while True:
        mine = [one for one in await acts.list_replays(operator) if one.replay_id in ids]
        bars = [printing.bar(one) for one in mine]
        if is_terminal and drawn:
            print(f"\033[{len(drawn)}A", end="")
        for line in bars:
            if is_terminal or line not in drawn:
                print(line + ("\033[K" if is_terminal else ""), flush=True)
        drawn = bars
        if all(one.state in acts.ENDED for one in mine):
            return int(any(one.state == "cancelled" for one in mine))
        await asyncio.sleep(_FOLLOW_SECONDS)


def _as_json(progress: reasons.Progress) -> dict[str, Any]:
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


def _say(lines: Iterable[str]) -> None:
    print("\n".join(lines))
