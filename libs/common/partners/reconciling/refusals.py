"""Why something cannot be done to a reconciliation, said so that the partner can mend it. Pure."""

from collections.abc import Sequence

from libs.common.partners.reconciling.domain import ReconciliationState
from libs.common.partners.reconciling.store import Reconciliation
from libs.common.problems import FieldError, Problem, Text

_TITLE = Text("Không thực hiện được với lần đối chiếu này.", "This reconciliation cannot do that.")
_ANEW = Text("Mở lần đối chiếu mới.", "Open another reconciliation.")


def no_list(known: Sequence[str]) -> Problem:
    message = Text("Không có danh sách này.", "There is no such list.")
    names = ", ".join(known)
    fix = Text(f"Chọn trong: {names}.", f"Choose among: {names}.")
    return _problem(422, "/list", "reconciliation.list", message, fix)


def future_day() -> Problem:
    message = Text("Ngày của danh sách chưa tới.", "The list's day is yet to come.")
    fix = Text("Chọn ngày không sau hôm nay.", "Choose a day no later than today.")
    return _problem(422, "/as_of", "reconciliation.future", message, fix)


def unless_open(one: Reconciliation) -> None:
    """Refuse what only an open reconciliation takes."""
    if one.state is not ReconciliationState.OPEN:
        raise wrong_state(one.state)


def wrong_state(state: ReconciliationState) -> Problem:
    message = Text(
        "Lần đối chiếu không ở tình trạng cho phép việc này.",
        f"The reconciliation is {state}.",
    )
    fix = Text("Đọc lại lần đối chiếu.", "Read it again.")
    return _problem(409, "/state", f"reconciliation.is_{state}", message, fix)


def page_differs() -> Problem:
    message = Text(
        "Trang này đã gửi với nội dung khác.", "Another page came under this number before."
    )
    fix = Text("Gửi lại đúng trang đó, hoặc hủy và mở lại.", "Send that one, or cancel and reopen.")
    return _problem(409, "/path/page", "reconciliation.page_differs", message, fix)


def registration_changed() -> Problem:
    message = Text("Đăng ký đã thay đổi.", "The registration has changed since it was opened.")
    return _problem(409, "/registration", "reconciliation.registration_changed", message, _ANEW)


def other_pages(sent: int, missing: Sequence[int]) -> Problem:
    numbers = ", ".join(map(str, missing)) or "–"
    message = Text(
        f"Đã nhận {sent} trang; còn thiếu: {numbers}.", f"{sent} pages came; missing: {numbers}."
    )
    fix = Text("Gửi các trang còn thiếu, hoặc sửa số trang.", "Send those, or mend the number.")
    return _problem(422, "/pages", "reconciliation.pages", message, fix)


def answer_day() -> Problem:
    message = Text(
        "Ngày biên bản phải từ ngày của danh sách đến hôm nay.",
        "The day must lie between the list's day and today.",
    )
    fix = Text("Sửa ngày.", "Mend the day.")
    return _problem(422, "/answered_on", "reconciliation.answer_day", message, fix)


def no_lines() -> Problem:
    message = Text("Thiếu danh sách `lines`.", "There is no list `lines`.")
    fix = Text('Gửi {"lines": [...]}.', 'Send {"lines": [...]}.')
    return _problem(422, "/lines", "reconciliation.lines", message, fix)


def _problem(status: int, pointer: str, rule: str, message: Text, fix: Text) -> Problem:
    return Problem(
        status, "reconciliation.refused", _TITLE, [FieldError(pointer, rule, message, fix)]
    )
