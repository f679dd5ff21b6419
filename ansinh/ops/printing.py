"""How the operator's commands look on a terminal: aligned columns, both languages."""

import re
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from ansinh.ops.acts import Held, Parked
from ansinh.ops.client import Unanswered
from ansinh.ops.reasons import Finding, find
from ansinh.ops.standings import Progress, standings
from libs.common.clock import VIETNAM
from libs.common.messaging.operations.schemas import ReplayOut
from libs.common.problems import Text

_BAR = 30
# How a partner's road goes: why it is paused, else its state.
ROADS = {
    "active": Text("đang gửi", "sending"),
    "reading": Text("tự đọc", "reads by itself"),
    "failing": Text("không nhận, đang thử", "takes nothing, is probed"),
    "gone": Text("báo đã ngừng (410)", "said gone (410)"),
    "operator": Text("người vận hành tạm dừng", "paused by an operator"),
    "overdue": Text("đối chiếu quá hạn", "reconciliation overdue"),
}
_NUMBER = re.compile(r"[\d.,]+( (s|min|h|d))?|–|\?")


def both(text: Text) -> str:
    return f"{text.vi} / {text.en}"


def instant(at: datetime | None) -> str:
    """On Vietnam's clock; a dash where there is none."""
    return "–" if at is None else f"{at.astimezone(VIETNAM):%d/%m/%Y %H:%M:%S}"


def age(length: timedelta | None) -> str:
    """Rough, in the largest unit that fits: `12 s`, `3 min`, `5 h`, `2 d`."""
    if length is None:
        return "?"
    seconds = max(length.total_seconds(), 0.0)
    if seconds < 100:
        return f"{seconds:.0f} s"
    for unit, size in (("min", 60), ("h", 3_600)):
        if seconds < size * 100:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds / 86_400:.0f} d"


def table(headers: Sequence[Text], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Columns as wide as their widest cell; numbers to the right. Headers in both languages."""
    lines = [[one.vi for one in headers], [one.en for one in headers], *rows]
    widths = [max(len(line[place]) for line in lines) for place in range(len(headers))]
    numeric = [
        bool(rows) and all(_NUMBER.fullmatch(row[place]) for row in rows)
        for place in range(len(headers))
    ]
    for line in lines:
        cells = [
            cell.rjust(width) if is_number else cell.ljust(width)
            for cell, width, is_number in zip(line, widths, numeric, strict=True)
        ]
        yield "  ".join(cells).rstrip()


def status(progress: Progress) -> Iterator[str]:
    """What is behind, by how much, since when, because of whom."""
    findings = find(progress)
    now = max((own.at for own in progress.values() if own), default=None)
    people = sum(finding.needs_person for finding in findings)
    verdict = Text("Mọi thứ đều ổn", "All is well")
    if people:
        verdict = Text(f"{people} việc cần người xử lý", f"{people} need a person")
    elif findings:
        verdict = Text("Đang chạy, không cần ai", "At work, nobody is needed")
    yield f"{both(verdict)}  ({instant(now)})"
    for finding in findings:
        yield from _finding(finding, now)
    yield ""
    yield from table(
        (Text("DỊCH VỤ", "SERVICE"), Text("CHỜ GỬI", "OUTBOX"), Text("CŨ NHẤT", "OLDEST"),
         Text("BỊ GIỮ", "HELD"), Text("ĐÃ ĐẾM LÚC", "COUNTED AT")),
        [
            (name, "?", "?", "?", "?") if own is None else (
                name,
                f"{own.outbox.pending:,}",
                "–" if own.outbox.oldest_at is None else age(own.at - own.outbox.oldest_at),
                f"{own.outbox.held:,}",
                instant(own.counted_at),
            )
            for name, own in progress.items()
        ],
    )  # fmt: skip
    yield ""
    yield from _consumers(progress, now)
    yield from _partners(progress)
    open_replays = [one for own in progress.values() if own for one in own.replays]
    if open_replays:
        yield ""
        yield from (f"{one.replay_id}  {bar(one)}  → {one.consumer}" for one in open_replays)


def _finding(finding: Finding, now: datetime | None) -> Iterator[str]:
    mark = "✗" if finding.needs_person else "…"
    since = ""
    if finding.since is not None and now is not None:
        since = f"  {age(now - finding.since)} (từ / since {instant(finding.since)})"
    count = f"  {finding.count:,}" if finding.count else ""
    yield f"{mark} {finding.who}{count}{since}"
    for text in (finding.why, finding.act):
        if text is not None:
            yield f"    {text.vi}"
            yield f"    {text.en}"


def _consumers(progress: Progress, now: datetime | None) -> Iterator[str]:
    found = standings(progress)
    if not found or now is None:
        return
    yield from table(
        (Text("BỘ NHẬN", "CONSUMER"), Text("CÒN THIẾU", "BEHIND"), Text("TRỄ", "LAG"),
         Text("SỰ KIỆN/S", "EVENTS/S"), Text("LẦN CUỐI", "LAST"), Text("GÁC LẠI", "PARKED"),
         Text("THEO LUỒNG", "BY STREAM")),
        [
            (
                one.consumer,
                f"{one.versions:,}",
                age(one.lag(now)),
                f"{one.per_second:.1f}",
                "–" if one.last_at is None else age(now - one.last_at),
                f"{one.parked:,}",
                ", ".join(f"{stream} {count:,}" for stream, count in one.behind.items()),
            )
            for one in found
        ],
    )  # fmt: skip


def _partners(progress: Progress) -> Iterator[str]:
    rows = [
        (
            one.partner,
            one.road,
            both(ROADS[one.pause or one.state]),
            f"{one.behind:,}",
            "–" if one.oldest_at is None else age(own.at - one.oldest_at),
            f"{one.failed:,}",
            one.last_error or one.about or "–",
        )
        for own in progress.values()
        if own
        for one in own.partners
    ]
    if rows:
        yield ""
        yield from table(
            (Text("ĐỐI TÁC", "PARTNER"), Text("ĐƯỜNG", "ROAD"), Text("TÌNH TRẠNG", "STATE"),
             Text("CÒN LẠI", "BEHIND"), Text("CŨ NHẤT", "OLDEST"), Text("BỎ", "GIVEN UP"),
             Text("LỖI CUỐI", "LAST ERROR")),
            rows,
        )  # fmt: skip


def parked(found: Sequence[Parked]) -> Iterator[str]:
    if not found:
        yield both(Text("Không có gì gác lại.", "Nothing is parked."))
        return
    yield from table(
        (Text("MÃ", "ID"), Text("BỘ NHẬN", "CONSUMER"), Text("LÝ DO", "REASON"),
         Text("SỰ KIỆN", "EVENT"), Text("TỪ LÚC", "SINCE"), Text("TRẠNG THÁI", "STATE")),
        [
            (
                str(one.event.parked_id),
                one.event.consumer,
                one.event.reason,
                f"{one.event.type or '?'} v{one.event.version or '?'}",
                instant(one.event.parked_at),
                one.event.state,
            )
            for one in found
        ],
    )  # fmt: skip


def held(found: Sequence[Held]) -> Iterator[str]:
    if not found:
        yield both(Text("Không có dòng nào bị giữ.", "Nothing is held."))
        return
    yield from table(
        (Text("DỊCH VỤ", "SERVICE"), Text("SỐ", "SEQ"), Text("SỰ KIỆN", "EVENT"),
         Text("CHỦ THỂ", "SUBJECT"), Text("LÝ DO", "REASON"), Text("LẦN THỬ", "ATTEMPTS"),
         Text("TỪ LÚC", "SINCE")),
        [
            (
                one.service,
                str(one.row.seq),
                f"{one.row.type} v{one.row.version}",
                str(one.row.subject),
                one.row.last_error or "?",
                str(one.row.attempts),
                instant(one.row.recorded_at),
            )
            for one in found
        ],
    )  # fmt: skip


def one_parked(found: Parked, timeline: str | None) -> Iterator[str]:
    """Envelope, reason, field names and where to look on; never a value."""
    event = found.event
    lines = [
        ("mã / id", str(event.parked_id)),
        ("bộ nhận / consumer", event.consumer),
        ("sự kiện / event", f"{event.type or '?'} v{event.version or '?'} {event.event_id}"),
        ("chủ thể / subject", str(event.subject or "?")),
        ("lý do / reason", event.reason),
        ("trường / fields", ", ".join(event.fields) or "–"),
        ("lỗi / error", event.error or "–"),
        ("lần thử / attempt", str(event.attempt)),
        ("gác lại lúc / parked at", instant(event.parked_at)),
        ("trạng thái / state", event.state),
    ]
    if event.settled_by and event.state != "parked":
        lines.append(("quyết định / settled", f"{event.settled_by}: {event.settled_reason or '–'}"))
    if event.subject is not None:
        lines.append(("cây sự kiện / trace", f"ansinh trace {event.subject}"))
    if timeline and found.household is not None:
        lines.append(("dòng thời gian / timeline", f"{timeline}?household={found.household}"))
    width = max(len(name) for name, _ in lines)
    yield from (f"{name.ljust(width)}  {value}" for name, value in lines)


REST_OF_QUEUE = Text(
    "Phần còn lại của hàng đợi đầy: tự gửi tiếp, không dừng được.",
    "The rest of a full queue: goes on by itself and cannot be stopped.",
)


def replays(found: Sequence[ReplayOut]) -> Iterator[str]:
    if not found:
        yield both(Text("Chưa có lần phát lại nào.", "Nothing has been replayed."))
        return
    yield from table(
        (Text("MÃ", "ID"), Text("TỪ", "FROM"), Text("CHO", "TO"), Text("TRẠNG THÁI", "STATE"),
         Text("ĐÃ GỬI", "SENT"), Text("LÚC", "AT"), Text("LÝ DO", "REASON")),
        [
            (
                str(one.replay_id),
                one.producer,
                one.consumer,
                one.state,
                f"{one.sent:,}/{'?' if one.total is None else f'{one.total:,}'}",
                instant(one.requested_at),
                one.reason,
            )
            for one in found
        ],
    )  # fmt: skip


def bar(one: ReplayOut) -> str:
    """A replay's progress as one line."""
    drawn = _drawn(1, 1) if one.state == "done" else _drawn(one.sent, one.total)
    return f"{drawn} {one.sent:,}/{_total(one.total)} {one.producer} {one.state}"


def progress_bar(title: str, done: int, total: int | None) -> str:
    """How far something is, as one line."""
    return f"{_drawn(done, total)} {done:,}/{_total(total)} {title}"


def _drawn(done: int, total: int | None) -> str:
    filled = round(min(done / total, 1.0) * _BAR) if total else 0
    return f"[{'█' * filled}{'·' * (_BAR - filled)}]"


def _total(total: int | None) -> str:
    return "?" if total is None else f"{total:,}"


def unanswered(error: Unanswered) -> Iterator[str]:
    """A refusal in both languages."""
    yield f"{error.service}: {both(error.title)}"
    for detail in error.details:
        yield f"    {detail.vi}"
        yield f"    {detail.en}"
    if error.status == 401:
        yield "    " + both(
            Text("Đặt ANSINH_TOKEN còn hạn.", "Set ANSINH_TOKEN to a token that still holds.")
        )
