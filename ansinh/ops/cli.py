"""`ansinh ops …`: the operator's commands. Vietnamese first, English second.

What they do is imported when one is run: `ansinh health` is run every few seconds and stays light.
"""

import os
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

from libs.common.roles import run_loop

if TYPE_CHECKING:
    from ansinh.ops.servers import Server

ops = typer.Typer(help="Vận hành · see what is behind, and mend it.", no_args_is_help=True)

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
ServiceName = Annotated[str, typer.Argument(help="registry, eligibility, credit, reporting")]
Since = Annotated[
    datetime | None,
    typer.Option(help="chỉ xin lại từ lúc này (UTC) · ask again only from then on (UTC)"),
]


@ops.command()
def status(
    watch: Annotated[bool, typer.Option(help="cập nhật mãi · until stopped")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="cho máy đọc · for machines")] = False,
) -> None:
    """Cái gì chậm, vì ai · what is behind, because of whom; exit code 1: a person is needed."""
    from ansinh.ops import commands

    commands.run_as_operator(commands.status, watch=watch, as_json=as_json)


@ops.command()
def parked(consumer: Consumer = None, reason: Why = None) -> None:
    """Sự kiện gác lại · parked events, oldest first."""
    from ansinh.ops import commands

    commands.run_as_operator(commands.parked, consumer, reason)


@ops.command()
def show(
    parked_id: Annotated[UUID, typer.Argument(help="mã · id")],
    values: Annotated[bool, typer.Option(help="cả dữ liệu · its values too")] = False,
    purpose: Annotated[
        str, typer.Option(help="mục đích, vd. · purpose code, e.g. repair.ticket-17")
    ] = "",
) -> None:
    """Xem một sự kiện gác lại · look at a parked event; its values only for a purpose."""
    from ansinh.ops import commands

    commands.run_as_operator(commands.show, parked_id, values=values, purpose=purpose)


@ops.command()
def redrive(
    parked_ids: Annotated[list[UUID] | None, typer.Argument(help="mã · ids")] = None,
    consumer: Consumer = None,
    reason: Why = None,
    everything: Annotated[bool, typer.Option("--all", help="tất cả · every one")] = False,
) -> None:
    """Xử lý lại · work parked events again: some, all of a consumer or reason, or all."""
    if sum((bool(parked_ids), bool(consumer or reason), everything)) != 1:
        raise typer.BadParameter("mã, bộ lọc hoặc --all / ids, or a filter, or --all")
    from ansinh.ops import commands

    commands.run_as_operator(commands.redrive, parked_ids or (), consumer, reason)


@ops.command()
def discard(
    parked_ids: Annotated[list[UUID], typer.Argument(help="mã · ids")], reason: Reason
) -> None:
    """Bỏ hẳn, có lý do · give parked events up, for a reason."""
    from ansinh.ops import commands

    commands.run_as_operator(commands.discard, parked_ids, reason)


@ops.command()
def held() -> None:
    """Dòng gửi bị giữ · outbox rows that are no longer tried."""
    from ansinh.ops import commands

    commands.run_as_operator(commands.held)


@ops.command()
def release(
    seqs: Annotated[list[int] | None, typer.Argument(help="số · sequence numbers")] = None,
    service: Service = None,
) -> None:
    """Gửi lại dòng bị giữ · try held outbox rows again: all, a service's, or some of one."""
    if seqs and service is None:
        raise typer.BadParameter("cần --service / --service is needed")
    from ansinh.ops import commands
    from ansinh.services import NAMES

    if service is not None and service not in NAMES:
        raise typer.BadParameter(f"chọn một trong / choose one of: {', '.join(NAMES)}")
    commands.run_as_operator(commands.release, service, seqs or ())


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
    from ansinh.ops import commands

    commands.run_as_operator(
        commands.replay,
        consumer,
        reason,
        households=household or (),
        first=first,
        last=last,
        per_second=per_second,
        follow=follow,
    )


@ops.command()
def replays() -> None:
    """Các lần phát lại · replays, newest first."""
    from ansinh.ops import commands

    commands.run_as_operator(commands.replays)


@ops.command()
def cancel(replay_id: Annotated[UUID, typer.Argument(help="mã · id")]) -> None:
    """Dừng phát lại · stop a replay; what was sent stays sent."""
    from ansinh.ops import commands

    commands.run_as_operator(commands.cancel, replay_id)


@ops.command()
def page(port: Annotated[int, typer.Option(help="cổng · port")] = 8010) -> None:
    """Mở trang /ops trên máy này · serve the page /ops on this machine, under ANSINH_TOKEN."""
    from ansinh.ops import commands
    from ansinh.ops.page import run_page

    commands.run_as_operator(run_page, port)


@ops.command()
def backup(service: ServiceName, file: Path) -> None:
    """Sao lưu cơ sở dữ liệu của một dịch vụ · copy one service's database to a file."""
    from ansinh.ops.backup import back_up

    _on_server(service, lambda server: back_up(server, service, file, print))


@ops.command()
def restore(service: ServiceName, file: Path, since: Since = None) -> None:
    """Phục hồi từ bản sao · put a copy in place, in step with the other services."""
    from ansinh.ops.backup import restore as put_back
    from ansinh.ops.restored import lines_about

    async def act(server: "Server") -> None:
        renewal = await put_back(server, service, file, print, since=_utc(since))
        print("\n".join(lines_about(service, renewal)))

    _on_server(service, act)


@ops.command()
def restored(
    service: ServiceName,
    since: Since = None,
    everything: Annotated[
        bool, typer.Option("--all", help="nói lại tất cả · say every subject again")
    ] = False,
) -> None:
    """Khớp lại một dịch vụ đã phục hồi bằng cách khác · after a restore by other means."""
    from ansinh.ops.restored import bring_in_step, lines_about

    async def act(server: "Server") -> None:
        renewal = await bring_in_step(server, service, since=_utc(since), everything=everything)
        print("\n".join(lines_about(service, renewal)))

    _on_server(service, act)


def _on_server(service: str, act: Callable[["Server"], Awaitable[object]]) -> None:
    import asyncpg

    from ansinh.ops.servers import OpsError, find_server
    from ansinh.services import NAMES
    from libs.common.messaging.failures import describe

    if service not in NAMES:
        raise typer.BadParameter(f"chọn một trong / choose one of: {', '.join(NAMES)}")

    async def run() -> None:
        async with find_server(Path(os.environ.get("ANSINH_DATA_FOLDER", ".ansinh"))) as server:
            await act(server)

    try:
        run_loop(run())
    except (OpsError, OSError) as error:
        typer.echo(str(error) or type(error).__name__, err=True)
    except asyncpg.PostgresError as error:
        typer.echo(f"PostgreSQL: {describe(error)}", err=True)
    else:
        return
    raise typer.Exit(1)


def _utc(moment: datetime | None) -> datetime | None:
    return moment.replace(tzinfo=UTC) if moment and moment.tzinfo is None else moment
