"""`ansinh ops …`: the operator's commands. Vietnamese first, English second."""

import os
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from libs.common.roles import run_loop

if TYPE_CHECKING:
    from ansinh.ops.servers import Server

ops = typer.Typer(help="Vận hành · see what is behind, and mend it.", no_args_is_help=True)

ServiceName = Annotated[str, typer.Argument(help="registry, eligibility, credit, reporting")]
Since = Annotated[
    datetime | None,
    typer.Option(help="chỉ xin lại từ lúc này (UTC) · ask again only from then on (UTC)"),
]


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
