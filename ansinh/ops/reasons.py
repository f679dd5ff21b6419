"""Because of whom: from what each service says of itself to findings that a person can act on.

Pure: no input or output, no clock; every instant is the services' own. A finding names what is
behind, by how much, since when, why, and what to do.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from ansinh.ops.standings import Progress, Standing, consumers_of, standings
from libs.common.messaging.operations.progress import RECENT
from libs.common.messaging.operations.schemas import ProgressOut
from libs.common.messaging.wishes import producer_of, producers_of
from libs.common.partners.standing import FEED, RECONCILIATION, Partner
from libs.common.problems import Text

# What takes shorter is the ordinary way of things.
OLD_OUTBOX = timedelta(seconds=60)
UNSEEN_REPLAY = timedelta(seconds=60)
OLD_PARTNER = timedelta(hours=1)
_NAMED = 10  # subjects


class Kind(StrEnum):
    """What is the matter; the last five are nobody's fault and mend themselves."""

    UNREACHABLE = "unreachable"
    HELD = "held"
    OUTBOX = "outbox"
    PARKED = "parked"
    STANDS_STILL = "stands_still"
    REPLAY = "replay"
    PARTNER = "partner"
    LOST = "lost"
    OWED = "owed"
    SETTLING = "settling"
    UPSTREAM = "upstream"
    RETRYING = "retrying"
    WORKING = "working"


_MENDS_ITSELF = frozenset({Kind.OWED, Kind.SETTLING, Kind.UPSTREAM, Kind.RETRYING, Kind.WORKING})


@dataclass(frozen=True)
class Finding:
    """One thing that is behind.

    Attributes:
        who: a service, a consumer or a partner.
        count: how many events, rows or requests; 0 where it is not about a number.
        since: from when on, of a consumer: up to when it has worked; None where nobody knows.
        why: because of whom.
        act: what a person does about it; None where nothing.
    """

    kind: Kind
    who: str
    count: int
    since: datetime | None
    why: Text
    act: Text | None = None

    @property
    def needs_person(self) -> bool:
        return self.kind not in _MENDS_ITSELF


def find(progress: Progress) -> list[Finding]:
    """What is behind, and because of whom; what needs a person first.

    Args:
        progress: what each service said, upstream first; None where it did not answer.
    """
    found: list[Finding] = []
    known = {name: own for name, own in progress.items() if own is not None}
    for name, own in progress.items():
        if own is None:
            found.append(_unreachable(name))
            continue
        found += _outbox(name, own)
        found += _owed(name, own)
        found += _parked(own)
        found += _replays(own)
        found += _partners(name, own)
    late: set[str] = set()  # services from which more is to come
    for standing in standings(progress):
        service = standing.consumer.partition(".")[0]
        reasons = list(_consumer(standing, known[service], known, late))
        if reasons:
            late.add(service)
        found += reasons
    return sorted(found, key=lambda finding: not finding.needs_person)


def _unreachable(name: str) -> Finding:
    return Finding(
        Kind.UNREACHABLE,
        name,
        0,
        None,
        Text(
            f"API của {name} không trả lời: tiến trình dừng, mất mạng, hoặc cơ sở dữ liệu lỗi.",
            f"The API of {name} does not answer: process gone, network, or its database.",
        ),
        Text("Xem /health/ready của dịch vụ.", "Look at the service's /health/ready."),
    )


def _outbox(name: str, own: ProgressOut) -> Iterator[Finding]:
    for rows in own.refused:
        reason = rows.reason or "?"
        if rows.held:
            yield Finding(
                Kind.HELD,
                name,
                rows.count,
                rows.oldest_at,
                Text(
                    f"Kênh không nhận {rows.type}: {reason}. Dòng bị giữ, không gửi nữa.",
                    f"The bus does not take {rows.type}: {reason}. Held, no longer tried.",
                ),
                Text(
                    "Sửa nguyên nhân (NO_ROUTE: ansinh topology apply), rồi ansinh ops release.",
                    "Mend the cause (NO_ROUTE: ansinh topology apply), then ansinh ops release.",
                ),
            )
        else:
            yield Finding(
                Kind.RETRYING,
                name,
                rows.count,
                rows.oldest_at,
                Text(
                    f"Kênh không nhận {rows.type}: {reason}. Đang thử lại.",
                    f"The bus does not take {rows.type}: {reason}. It is being tried again.",
                ),
            )
    if own.outbox.settling:
        why = Text(
            "Nói lại sau phục hồi; chờ phát lại mang về những gì đã mất.",
            "Said again after a restore; waits until the replays have brought back what was lost.",
        )
        yield Finding(Kind.SETTLING, name, own.outbox.settling, None, why)
    waiting = own.outbox.pending - own.outbox.held - own.outbox.retrying - own.outbox.settling
    due = own.outbox.due_since
    if waiting > 0 and due is not None and own.at - due > OLD_OUTBOX:
        yield Finding(
            Kind.OUTBOX,
            name,
            waiting,
            due,
            Text(
                f"Relay của {name} không gửi: tiến trình dừng, hoặc kênh/cơ sở dữ liệu lỗi.",
                f"The relay of {name} does not publish: process gone, or bus or database down.",
            ),
            Text(
                f"Xem tiến trình “run {name} relay” và RabbitMQ.",
                f"Look at the process “run {name} relay”, and at RabbitMQ.",
            ),
        )


def _owed(name: str, own: ProgressOut) -> Iterator[Finding]:
    """What others know and a restore has taken from this service, by stream."""
    hears = any(consumers_of(name))
    for stream, subjects in own.owed.items():
        named = ", ".join(str(subject) for subject in sorted(subjects)[:_NAMED])
        named += ", …" if len(subjects) > _NAMED else ""
        why = Text(
            f"Mất trong lần phục hồi, nơi khác còn biết ({stream}): {named}.",
            f"Lost by a restore, others know them ({stream}): {named}.",
        )
        if hears:  # the replays bring the cause back, or the registry says it again
            yield Finding(Kind.OWED, name, len(subjects), None, why)
        else:
            act = Text("Đăng ký, quyết định lại.", "Register and decide them again.")
            yield Finding(Kind.LOST, name, len(subjects), None, why, act)


def _parked(own: ProgressOut) -> Iterator[Finding]:
    for entry in own.parked:
        if entry.count:
            yield Finding(
                Kind.PARKED,
                entry.consumer,
                entry.count,
                entry.oldest_at,
                Text(
                    f"Gác lại vì {entry.reason}; chờ người quyết định.",
                    f"Parked for {entry.reason}; waits for a person.",
                ),
                Text(
                    "Xem ansinh ops parked; rồi redrive hoặc discard.",
                    "See ansinh ops parked; then redrive or discard.",
                ),
            )


def _replays(own: ProgressOut) -> Iterator[Finding]:
    for replay in own.replays:
        if replay.state == "wanted" and own.at - replay.requested_at > UNSEEN_REPLAY:
            yield Finding(
                Kind.REPLAY,
                replay.consumer,
                0,
                replay.requested_at,
                Text(
                    f"Không ai phát lại từ {replay.producer}: vai trò tick không chạy.",
                    f"Nobody replays from {replay.producer}: its tick role does not run.",
                ),
                Text(
                    f"Xem tiến trình “run {replay.producer} tick”.",
                    f"Look at the process “run {replay.producer} tick”.",
                ),
            )


def _partners(name: str, own: ProgressOut) -> Iterator[Finding]:
    """Of webhooks and of lists owed; who reads the change feed comes when it likes."""
    for one in own.partners:
        if one.road == FEED:
            continue
        if one.road == RECONCILIATION:
            yield _overdue(name, one)
            continue
        if one.failed:
            why = Text(
                f"Không giao được sau 72 giờ ({one.last_error or '–'}); các sự kiện khác vẫn tới.",
                f"Not taken in 72 hours ({one.last_error or '–'}), while others arrive.",
            )
            act = Text(
                f"Hỏi đối tác, rồi ansinh partners replay {one.road}.",
                f"Ask the partner, then ansinh partners replay {one.road}.",
            )
            yield Finding(Kind.PARTNER, one.partner, one.failed, None, why, act)
        is_old = one.oldest_at is not None and own.at - one.oldest_at > OLD_PARTNER
        if one.pause == "gone" or is_old:
            why, act = _behind(name, one)
            yield Finding(Kind.PARTNER, one.partner, one.behind, one.oldest_at, why, act)
        elif one.pause == "failing":
            why = Text(
                f"Đối tác không nhận ({one.last_error or '–'}); đang thử lại đều đặn.",
                f"The partner takes nothing ({one.last_error or '–'}); it is probed.",
            )
            yield Finding(Kind.RETRYING, one.partner, one.behind, one.oldest_at, why)


def _overdue(name: str, one: Partner) -> Finding:
    why = Text(
        f"Quá hạn đối chiếu {one.about} với {name}: chưa có lần nào khớp hoặc đã lập biên bản.",
        f"The reconciliation of {one.about} with {name} is overdue: none was empty or answered.",
    )
    act = Text(
        f"Gọi cho đối tác; xem ansinh partners reconciliations list --partner {one.partner}.",
        f"Call the partner; see ansinh partners reconciliations list --partner {one.partner}.",
    )
    return Finding(Kind.PARTNER, one.partner, 0, one.oldest_at, why, act)


def _behind(name: str, one: Partner) -> tuple[Text, Text]:
    call = Text("Gọi cho đối tác.", "Call the partner.")
    resume = Text(f"ansinh partners resume {one.road}.", f"ansinh partners resume {one.road}.")
    match one.pause:
        case "gone":
            why = Text(
                "Đối tác trả lời 410: không còn nhận ở địa chỉ này.",
                "The partner answered 410: it takes nothing at this address any more.",
            )
            return why, Text(f"{call.vi} {resume.vi}", f"{call.en} {resume.en}")
        case "operator":
            return Text("Người vận hành đã tạm dừng.", "An operator has paused it."), resume
        case "failing":
            said = one.last_error or "–"
            return Text(f"Đối tác không nhận: {said}.", f"It takes nothing: {said}."), call
    if one.last_error is not None:
        said = one.last_error
        return Text(f"Có tin đối tác không nhận: {said}.", f"Some it does not take: {said}."), call
    why = Text(
        f"Gửi chậm, hoặc đăng ký đã hết hạn, hoặc vai trò send của {name} không chạy.",
        f"Slow, or its registration has ended, or the send role of {name} does not run.",
    )
    return why, Text(
        f"Xem tiến trình “run {name} send” và ansinh partners show {one.partner}.",
        f"Look at the process “run {name} send”, and at ansinh partners show {one.partner}.",
    )


def _consumer(
    standing: Standing, own: ProgressOut, known: Mapping[str, ProgressOut], late: set[str]
) -> Iterator[Finding]:
    """Why this one is behind: upstream before itself."""
    service, waits_for = standing.consumer.partition(".")[0], []
    for producer in sorted(producers_of(standing.consumer)):
        missing = sum(
            count for stream, count in standing.behind.items() if producer_of(stream) == producer
        )
        source = known.get(producer)
        unsent = source.outbox.pending if source else 0
        if missing and unsent >= missing:
            yield _waits(
                standing,
                missing,
                source.outbox.oldest_at if source else None,
                Text(
                    f"Còn trong hộp gửi (outbox) của {producer}.",
                    f"Still in the outbox of {producer}.",
                ),
            )
        elif missing:
            recent = (
                sum(source.recent.get(stream, 0) for stream in standing.behind) if source else 0
            )
            yield _slow(standing, missing - unsent, recent, own)
        elif producer in late and producer != service:
            waits_for.append(producer)
    if waits_for:
        names = ", ".join(waits_for)
        why = Text(f"Chờ {names}: cũng đang chậm.", f"Waits for {names}: behind as well.")
        yield _waits(standing, 0, None, why)


def _waits(standing: Standing, count: int, since: datetime | None, why: Text) -> Finding:
    return Finding(Kind.UPSTREAM, standing.consumer, count, since, why)


def _slow(standing: Standing, missing: int, recent: int, own: ProgressOut) -> Finding:
    """Everything has been sent to it, or is on its way."""
    who, since = standing.consumer, standing.newest_at
    if standing.retrying >= missing:
        why = Text(
            "Bộ nhận gặp lỗi, đang thử lại (tối đa 13 phút, rồi gác lại).",
            "Its handler fails; tried again for up to 13 minutes, then parked.",
        )
        return Finding(Kind.RETRYING, who, missing, since, why)
    has_worked = standing.last_at is not None and own.at - standing.last_at <= RECENT
    if missing <= recent or has_worked or not standing.is_current:
        rate = standing.per_second
        left = f", ≈ {missing / rate / 60:.0f} min" if rate and missing > rate * 60 else ""
        why = Text(
            f"Đang xử lý, {rate:.1f} sự kiện/s{left}.", f"At work, {rate:.1f} events/s{left}."
        )
        return Finding(Kind.WORKING, who, missing, None if missing <= recent else since, why)
    service = who.partition(".")[0]
    cause = Text("Không nhận gì", "It takes nothing")
    if standing.queued:
        cause = Text(
            f"{standing.queued} sự kiện chờ trong hàng đợi",
            f"{standing.queued} events wait in its queue",
        )
    why = Text(
        f"{cause.vi}: tiến trình “run {service} consume” dừng, hoặc kênh/cơ sở dữ liệu lỗi.",
        f"{cause.en}: process “run {service} consume” gone, or bus or database down.",
    )
    act = Text(
        f"Xem tiến trình đó; nếu chạy mà vẫn thiếu: ansinh ops replay {who}.",
        f"Look at that process; if it runs and still misses events: ansinh ops replay {who}.",
    )
    return Finding(Kind.STANDS_STILL, who, missing, standing.last_at, why, act)
