"""`ansinh`: the front door. Vietnamese first, English second."""

import os
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

from ansinh.ops.cli import ops
from ansinh.partners import partners
from libs.common.clock import VIETNAM
from libs.common.roles import RoleName, run_loop

if TYPE_CHECKING:
    import httpx

cli = typer.Typer(
    help="An Sinh: một quyết định, mọi quyền lợi · one decision, every support.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
topology = typer.Typer(help="Hàng đợi của kênh sự kiện · the bus's queues.", no_args_is_help=True)
audit = typer.Typer(help="Nhật ký truy cập · the audit trail.", no_args_is_help=True)
cli.add_typer(topology, name="topology")
cli.add_typer(audit, name="audit")
cli.add_typer(ops, name="ops")
cli.add_typer(partners, name="partners")
dci = typer.Typer(help="Chuẩn DCI · the DCI standard.", no_args_is_help=True)
cli.add_typer(dci, name="dci")
vault = typer.Typer(help="Kho danh tính · the identity vault.", no_args_is_help=True)
cli.add_typer(vault, name="vault")
files = typer.Typer(help="Tệp cho cơ quan ngoài · official files.", no_args_is_help=True)
cli.add_typer(files, name="files")
reorganisation = typer.Typer(
    help="Sắp xếp đơn vị hành chính · reorganisations of areas.", no_args_is_help=True
)
cli.add_typer(reorganisation, name="reorganisation")
ReorganisationFile = Annotated[
    Path, typer.Argument(exists=True, dir_okay=False, help="tệp theo mẫu · .csv, .xlsx")
]


def _home() -> Path:
    return Path(os.environ.get("ANSINH_DATA_FOLDER", ".ansinh"))


@cli.command()
def demo() -> None:
    """Chạy bản trình diễn · run the demo (SEED=, HOUSEHOLDS=, EXIT=1, ANSINH_AMQP_URL)."""
    from ansinh.demo.run import run_demo
    from ansinh.demo.settings import DemoSettings

    raise typer.Exit(run_loop(run_demo(DemoSettings.from_environment(_home()))))


@cli.command()
def register() -> None:
    """Sổ hộ ba xã qua một năm · a register through a year (ROWS=, EXIT=1)."""
    from ansinh.demo.register.run import run_register
    from ansinh.demo.settings import DemoSettings

    raise typer.Exit(run_loop(run_register(DemoSettings.from_environment(_home()))))


@cli.command()
def sandbox() -> None:
    """Chạy bản thử cho đối tác · run a partner's sandbox until stopped (PORT)."""
    from ansinh.demo.sandbox import run_sandbox
    from ansinh.demo.settings import DemoSettings

    settings = DemoSettings.from_environment(_home())
    run_loop(run_sandbox(replace(settings, home=_home() / "sandbox")))


@dci.command("keys")
def dci_keys() -> None:
    """Tạo khóa ký mới · a new signing key, as ANSINH_DCI_KEYS holds it."""
    from libs.common.dci.keys import generate

    typer.echo(generate())


@vault.command("keys")
def vault_keys() -> None:
    """Khóa nào đang dùng · which keys values are sealed under (exit code 1: one is not set)."""
    from ansinh.vault import show_keys

    raise typer.Exit(run_loop(show_keys(_home())))


@vault.command("rotate")
def vault_rotate() -> None:
    """Chuyển sang khóa mới nhất · move every value to the newest key; safe to break off."""
    from ansinh.vault import rotate_now

    raise typer.Exit(run_loop(rotate_now(_home())))


@cli.command()
def up() -> None:
    """Chạy cả bốn dịch vụ · run all four services in one process until stopped."""
    from ansinh.embedded.up import run_platform

    run_loop(run_platform(_home()))


@cli.command()
def run(service: str, role: RoleName) -> None:
    """Chạy một vai trò của một dịch vụ · run one role of one service."""
    from ansinh.process import run_process

    raise typer.Exit(run_loop(run_process(service, role)))


@cli.command()
def health() -> None:
    """Tiến trình trong container có ổn không · is this container's process well (exit code)."""
    from ansinh.health import main as look

    raise typer.Exit(look())


@cli.command()
def issuer() -> None:
    """Chạy máy chủ định danh phát triển · run the development issuer (embedded and test only)."""
    from ansinh.process import run_issuer

    run_loop(run_issuer())


@cli.command()
def setup() -> None:
    """Tạo cơ sở dữ liệu, vai trò, danh mục · databases, roles, schemas, areas."""
    from ansinh.setup import run_setup

    run_loop(run_setup())


@cli.command()
def bootstrap(
    consumer: Annotated[str, typer.Argument(help="vd. / e.g. eligibility.entitlements")],
    registry: Annotated[str, typer.Option(help="địa chỉ / address", envvar="ANSINH_REGISTRY_URL")],
) -> None:
    """Nạp dữ liệu cho bộ nhận mới · fill a new consumer (ANSINH_TOKEN: an operator's)."""
    from ansinh.bootstrap import run_bootstrap

    run_loop(run_bootstrap(consumer, registry))


@topology.command("apply")
def apply() -> None:
    """Khai báo hàng đợi · declare exchange, queues and bindings; safe to repeat."""
    from ansinh.process import apply_topology

    run_loop(apply_topology())


@cli.command()
def trace(household: Annotated[UUID, typer.Argument(help="mã hộ · household id")]) -> None:
    """Vẽ cây sự kiện của một hộ · print a household's events as a tree with times."""
    from ansinh.ops.commands import run_as_operator
    from ansinh.trace import print_trace

    run_as_operator(print_trace, household)


@cli.command("citizen-file")
def citizen_file(
    person: Annotated[UUID, typer.Argument(help="mã người · person id")],
    out: Annotated[Path, typer.Argument(dir_okay=False, help=".html, .json")],
    case: Annotated[
        str | None, typer.Option(help="số yêu cầu, vào nhật ký · the request's number")
    ] = None,
) -> None:
    """Hồ sơ dữ liệu của một người · a citizen's file (ANSINH_URL, ANSINH_TOKEN)."""
    from ansinh.citizens.command import FORMS, run
    from libs.common.clock import SystemClock

    if out.suffix.lower() not in FORMS:
        raise typer.BadParameter(f"{', '.join(FORMS)}", param_hint="out")
    raise typer.Exit(run(person, out, case, SystemClock().now()))


@audit.command("verify")
def verify(
    service: Annotated[str | None, typer.Option(help="chỉ dịch vụ này · only this service")] = None,
) -> None:
    """Kiểm tra nhật ký truy cập · check the audit trail; exit code 1 on tampering."""
    from ansinh.audit import verify_audit
    from ansinh.services import NAMES

    if service is not None and service not in NAMES:
        raise typer.BadParameter(f"chọn một trong / choose one of: {', '.join(NAMES)}")
    raise typer.Exit(run_loop(verify_audit(_home(), service)))


@cli.command("import")
def import_households(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help=".csv, .xlsx")],
    effective_on: Annotated[
        datetime, typer.Option(formats=["%Y-%m-%d"], help="ngày danh sách có giá trị · counts from")
    ],
    yes: Annotated[bool, typer.Option("--yes", help="ghi luôn · take without asking")] = False,
    cancel: Annotated[bool, typer.Option("--cancel", help="hủy · give it up")] = False,
) -> None:
    """Nhập hộ từ tệp · households from a file: check, ask, take (ANSINH_URL, ANSINH_TOKEN)."""
    from ansinh import importing

    def confirm() -> bool:
        return yes or typer.confirm("Ghi những dòng đúng? · Take what is right?")

    async def act(client: "httpx.AsyncClient") -> int:
        day = effective_on.date()
        if cancel:
            return await importing.cancel_import(client, file, day)
        return await importing.import_file(client, file, day, confirm)

    importing.run(act)


@cli.command("export")
def export_households(
    file: Annotated[Path, typer.Argument(dir_okay=False, help=".csv, .xlsx")],
    commune: Annotated[str | None, typer.Option(help="mã xã · a commune's code")] = None,
    purpose: Annotated[
        str | None, typer.Option(help="mục đích, để có họ tên · to have names")
    ] = None,
) -> None:
    """Xuất hộ ra tệp · households to a file (ANSINH_URL, ANSINH_TOKEN)."""
    from ansinh import importing

    importing.run(lambda client: importing.export_file(client, file, commune, purpose))


@reorganisation.command("enter")
def enter_reorganisation(
    file: ReorganisationFile,
    in_force: Annotated[
        datetime, typer.Option(formats=["%Y-%m-%d"], help="ngày hiệu lực · in force from")
    ],
    document: Annotated[str, typer.Option(help="văn bản · the document")],
    known_from: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="ngày ban hành · issued on (today)"),
    ] = None,
) -> None:
    """Nhập một đợt sắp xếp từ tệp · enter a file; a refused one gets a report."""
    from ansinh import importing, reorganising

    known = (known_from or datetime.now(VIETNAM)).date()
    importing.run(
        lambda client: reorganising.enter_file(client, file, in_force.date(), known, document)
    )


@reorganisation.command("preview")
def preview_reorganisation(file: ReorganisationFile) -> None:
    """Xem trước tệp đã nhập · count what an entered file will do."""
    from ansinh import importing, reorganising

    importing.run(lambda client: reorganising.preview_file(client, file))


@reorganisation.command("follow")
def follow_reorganisation(file: ReorganisationFile) -> None:
    """Theo dõi tiến độ · watch how far it is, with a bar."""
    from ansinh import importing, reorganising

    importing.run(lambda client: reorganising.follow_file(client, file))


@reorganisation.command("worklist")
def list_reorganisation(
    file: ReorganisationFile,
    out: Annotated[
        Path | None, typer.Option(dir_okay=False, help="ghi ra · default: FILE.viec.csv")
    ] = None,
) -> None:
    """Việc phải hỏi theo thôn · who is to be asked about, by village, as a CSV."""
    from ansinh import importing, reorganising

    target = out or file.with_name(f"{file.stem}.viec.csv")
    importing.run(lambda client: reorganising.write_worklist(client, file, target))


@files.command("fill")
def fill_file(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="03/TD, D03-TS")],
    purpose: Annotated[str, typer.Option(help="mục đích, vd. · e.g. credit, support")],
    out: Annotated[
        Path | None, typer.Option(dir_okay=False, help="ghi ra · default: FILE.co-ten")
    ] = None,
) -> None:
    """Điền họ tên, số định danh · names and numbers into a file (ANSINH_URL, ANSINH_TOKEN)."""
    from ansinh import filling, importing

    target = out or file.with_name(f"{file.stem}.co-ten{file.suffix}")
    importing.run(lambda client: filling.fill_file(client, file, target, purpose))


@cli.command()
def clean() -> None:
    """Xóa dữ liệu trình diễn · stop the embedded server and delete the demo's data."""
    from ansinh.embedded.postgres import destroy_all

    run_loop(destroy_all(_home()))


def main() -> None:
    cli()
