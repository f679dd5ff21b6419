"""`ansinh partners …`: who outside may see what, and where they are told. Vietnamese first.

What the commands do stands in `ansinh.ops.partners`; it is imported when one is run.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import typer

partners = typer.Typer(help="Đối tác · partners: registrations, webhooks.", no_args_is_help=True)

reconciliations = typer.Typer(help="Đối chiếu · partners' lists beside ours.", no_args_is_help=True)
partners.add_typer(reconciliations, name="reconciliations")

Partner = Annotated[str, typer.Argument(help="mã, vd. · slug, e.g. nhcsxh")]
Endpoint = Annotated[UUID, typer.Argument(help="mã điểm nhận · endpoint id")]
Service = Annotated[str | None, typer.Option(help="registry, credit, eligibility")]
Several = list[str] | None
Name = Annotated[str | None, typer.Option(help="tên tổ chức · the organisation's name")]
Subject = Annotated[Several, typer.Option("--subject", help="chủ thẻ · a token's subject")]
Type = Annotated[Several, typer.Option("--type", help="vd. · e.g. referral.*.v1")]
Programme = Annotated[Several, typer.Option("--programme", help="vd. · e.g. credit.01, credit.*")]
Area = Annotated[Several, typer.Option("--area", help="2, 3, 5 chữ số hoặc * · digits, or *")]
Field = Annotated[Several, typer.Option("--field", help="vd. · e.g. programme, area.commune")]
Basis = Annotated[str | None, typer.Option("--basis", help="căn cứ pháp lý · legal basis")]
Document = Annotated[str | None, typer.Option("--document", help="văn bản · its document")]
Day = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"])]
Rate = Annotated[int | None, typer.Option("--rate", help="yêu cầu/giây · requests a second")]
Confirmed = Annotated[
    bool | None, typer.Option("--confirmed/--unconfirmed", help="căn cứ đã xác nhận · confirmed")
]
Certificate = Annotated[
    Several, typer.Option("--certificate", help="dấu vân chứng thư · thumbprint (x5t#S256)")
]
Instant = Annotated[
    datetime | None, typer.Option("--from", help="từ lúc này (UTC) · from then on (UTC)")
]


def _run(act: str, *given: Any, **named: Any) -> None:
    from ansinh.ops import partners as acts
    from ansinh.ops.commands import run_as_operator

    run_as_operator(getattr(acts, act), *given, **named)


@partners.command("list")
def list_all(service: Service = None) -> None:
    """Các đối tác · every partner."""
    _run("list_all", service)


@partners.command()
def show(partner: Partner, service: Service = None) -> None:
    """Đăng ký và điểm nhận · a partner's registration and endpoints, as JSON."""
    _run("show", partner, service)


def _given(file: Path | None, **named: Any) -> dict[str, Any]:
    """What the options say, over what the file says."""
    import json

    terms: dict[str, Any] = json.loads(file.read_text(encoding="utf-8")) if file else {}
    for name, value in named.items():
        if isinstance(value, datetime):
            value = value.date().isoformat()
        if value is not None and (value or not isinstance(value, Sequence)):
            terms[name] = value
    return terms


File = Annotated[Path | None, typer.Option(help="điều khoản dạng JSON · terms as JSON")]


@partners.command()
def add(
    partner: Partner,
    service: Annotated[str, typer.Option(help="registry, credit, eligibility")],
    file: File = None,
    name: Name = None,
    subject: Subject = None,
    kind: Type = None,
    programme: Programme = None,
    area: Area = None,
    field: Field = None,
    basis: Basis = None,
    document: Document = None,
    valid_from: Day = None,
    valid_until: Day = None,
    rate: Rate = None,
    confirmed: Confirmed = None,
    certificate: Certificate = None,
) -> None:
    """Đăng ký đối tác · register a partner; options go over the file's terms."""
    terms = _given(
        file,
        name=name,
        subjects=subject,
        event_types=kind,
        programmes=programme,
        areas=area,
        fields=field,
        legal_basis=basis,
        legal_document=document,
        valid_from=valid_from,
        valid_until=valid_until,
        per_second=rate,
        is_confirmed=confirmed,
        certificates=certificate,
    )
    _run("add", partner, service, terms)


@partners.command()
def change(
    partner: Partner,
    service: Service = None,
    file: File = None,
    name: Name = None,
    subject: Subject = None,
    kind: Type = None,
    programme: Programme = None,
    area: Area = None,
    field: Field = None,
    basis: Basis = None,
    document: Document = None,
    valid_from: Day = None,
    valid_until: Day = None,
    rate: Rate = None,
    confirmed: Confirmed = None,
    certificate: Certificate = None,
) -> None:
    """Sửa đăng ký · change what a partner may see; what is not named stays."""
    terms = _given(
        file,
        name=name,
        subjects=subject,
        event_types=kind,
        programmes=programme,
        areas=area,
        fields=field,
        legal_basis=basis,
        legal_document=document,
        valid_from=valid_from,
        valid_until=valid_until,
        per_second=rate,
        is_confirmed=confirmed,
        certificates=certificate,
    )
    _run("change", partner, service, terms)


@partners.command()
def end(partner: Partner, service: Service = None, until: Day = None) -> None:
    """Chấm dứt đăng ký · show nothing any more, from today or from a day on."""
    _run("end", partner, service, until.date() if until else None)


@partners.command("dci")
def by_dci(
    partner: Partner,
    file: Annotated[Path | None, typer.Argument(help="điều khoản JSON · terms as JSON")] = None,
) -> None:
    """Theo chuẩn DCI · who a partner is by DCI: sender id, keys, addresses; a file changes it."""
    _run("dci", partner, _given(file) if file else None)


@partners.command()
def endpoint(
    partner: Partner,
    url: str,
    service: Service = None,
    from_beginning: Annotated[
        bool, typer.Option(help="cả những gì đã có · of all that was said")
    ] = False,
) -> None:
    """Thêm điểm nhận webhook · tell a partner at an address; prints id and secret."""
    _run("add_endpoint", partner, url, service, from_beginning=from_beginning)


@partners.command()
def secret(endpoint_id: Endpoint) -> None:
    """Bí mật đang dùng · the secrets that sign now, newest first; audited."""
    _run("show_secrets", endpoint_id)


@partners.command()
def rotate(
    endpoint_id: Endpoint,
    overlap_hours: Annotated[int, typer.Option(help="ký cả hai, giờ · sign with both")] = 24,
) -> None:
    """Đổi bí mật, không gián đoạn · a new secret beside the old one."""
    _run("rotate", endpoint_id, overlap_hours)


@partners.command()
def pause(endpoint_id: Endpoint) -> None:
    """Tạm dừng gửi · send nothing until resumed; what comes meanwhile waits."""
    _run("post", endpoint_id, "pause")


@partners.command()
def resume(endpoint_id: Endpoint) -> None:
    """Gửi tiếp ngay · send again, at once."""
    _run("post", endpoint_id, "resume")


@partners.command()
def remove(endpoint_id: Endpoint) -> None:
    """Bỏ điểm nhận · tell nobody there any more."""
    _run("remove", endpoint_id)


@partners.command()
def replay(endpoint_id: Endpoint, since: Instant = None) -> None:
    """Gửi lại · tell again: from an instant on, or, without it, what was given up."""
    if since is not None and since.tzinfo is None:
        since = since.replace(tzinfo=UTC)
    _run("replay", endpoint_id, since)


@partners.command()
def failed(endpoint_id: Endpoint) -> None:
    """Những gì đã bỏ · what was given up, oldest first."""
    _run("list_failed", endpoint_id)


@partners.command()
def forget(endpoint_id: Endpoint) -> None:
    """Thôi, không gửi nữa những gì đã bỏ · what was given up need not be told any more."""
    _run("forget_failed", endpoint_id)


@reconciliations.command("list")
def list_reconciliations(
    service: Service = None,
    partner: Annotated[str | None, typer.Option(help="mã đối tác · a partner's slug")] = None,
) -> None:
    """Các lần đối chiếu, mới nhất trước · the newest, of one partner or of all."""
    _run("list_reconciliations", service, partner)


@reconciliations.command("show")
def show_reconciliation(
    reconciliation_id: Annotated[UUID, typer.Argument(help="mã · its id")],
) -> None:
    """Một lần đối chiếu · how far it is and what came of it; no line of a list."""
    _run("show_reconciliation", reconciliation_id)
