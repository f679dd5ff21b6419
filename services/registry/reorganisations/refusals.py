"""Why an act on a reorganisation is refused."""

from collections.abc import Sequence

from libs.common import problems
from libs.common.problems import FieldError, Problem, Text
from services.registry.reorganisations.domain import Fault
from services.registry.reorganisations.wording import error_of

_STATES = {
    "refused": Text("Tệp bị từ chối.", "Its file was refused."),
    "entered": Text("Chưa xem trước.", "It has not been previewed."),
    "previewed": Text("Chưa được duyệt.", "It has not been approved."),
    "approved": Text("Đã được duyệt.", "It has been approved."),
    "applying": Text("Đang thực hiện.", "It is being applied."),
    "done": Text("Đã thực hiện xong.", "It has been applied."),
    "cancelled": Text("Đã hủy.", "It has been cancelled."),
}
_REFUSED = Text("Không thực hiện được với đợt sắp xếp này.", "This cannot be done now.")


def known_in_future() -> Problem:
    title = Text("Ngày biết ở tương lai.", "The day of knowledge lies in the future.")
    fix = Text("Nhập ngày ban hành văn bản.", "Give the day on which the document was issued.")
    rule = "day.future"
    return Problem(422, rule, title, [FieldError("/query/known_from", rule, title, fix)])


def outside_scope(pointer: str = "/file") -> Problem:
    title = Text("Có xã ngoài phạm vi được phân công.", "A commune is outside your areas.")
    fix = Text(
        "Gửi cho người phụ trách tất cả các xã liên quan.",
        "Hand it to whoever is in charge of all its communes.",
    )
    return Problem(403, "scope.outside", title, [FieldError(pointer, "scope.outside", title, fix)])


def no_commune(faults: Sequence[Fault]) -> Problem:
    """Nothing of the file names a commune of the map: there is nothing to keep."""
    title = Text("Tệp không nói đến xã nào.", "The file names no commune of the map.")
    return Problem(422, "reorganisation.empty", title, [error_of(fault) for fault in faults[:1000]])


def no_longer_holds(faults: Sequence[Fault]) -> Problem:
    """The map has changed since the file was entered."""
    title = Text(
        "Danh mục đã thay đổi, tệp không còn đúng; hãy hủy và nhập lại.",
        "The map has changed and the file holds no longer: cancel it and enter it again.",
    )
    errors = [error_of(fault) for fault in faults[:1000]]
    return Problem(409, "reorganisation.no_longer_holds", title, errors)


def same_person() -> Problem:
    title = Text("Người duyệt phải khác người nhập.", "A second person must approve.")
    fix = Text("Nhờ người khác duyệt.", "Ask somebody else to approve.")
    return problems.same_person(title, fix)


def wrong_state(state: str) -> Problem:
    rule = "reorganisation.state"
    fix = Text(
        "Thứ tự: nhập, xem trước, duyệt, thực hiện; hủy được trước khi thực hiện.",
        "The order: enter, preview, approve, apply; it may be cancelled until it is applied.",
    )
    return Problem(409, rule, _REFUSED, [FieldError("", rule, _STATES[state], fix)])


def not_asked(pointer: str) -> Problem:
    title = Text(
        "Xã này không còn hộ nào phải hỏi.", "Nothing is asked about this commune's households."
    )
    fix = Text("Chọn xã trong danh sách việc.", "Choose a commune of the work list.")
    rule = "reorganisation.not_asked"
    return Problem(422, rule, title, [FieldError(pointer, rule, title, fix)])


def not_a_choice(codes: Sequence[str]) -> Problem:
    title = Text("Xã mới không phải nơi kế thừa.", "The new commune is no successor.")
    named = ", ".join(codes) or "–"
    fix = Text(f"Chọn một trong: {named}.", f"Choose one of: {named}.")
    rule = "reorganisation.not_a_choice"
    return Problem(422, rule, title, [FieldError("/to", rule, title, fix)])


def answer_state(state: str) -> Problem:
    rule = "answer.state"
    title = Text("Câu trả lời không ở bước này.", f"This cannot be done with it now: {state}.")
    fix = Text(
        "Thứ tự: trả lời, xã khác xác nhận; đã chuyển thì đề nghị hủy, xã khác xác nhận.",
        "The order: answer, another commune confirms; once moved, ask to undo, another confirms.",
    )
    return Problem(409, rule, title, [FieldError("", rule, title, fix)])


def own_answer() -> Problem:
    title = Text("Người xác nhận phải khác người trả lời.", "A second person must confirm.")
    fix = Text("Nhờ cán bộ của xã kế thừa khác.", "Ask an officer of another successor.")
    return problems.same_person(title, fix)


def other_commune(codes: Sequence[str]) -> Problem:
    rule = "answer.other_commune"
    named = ", ".join(codes)
    title = Text("Xã khác phải đồng ý.", "Another commune has to agree.")
    fix = Text(
        f"Chuyển cho người phụ trách một trong các xã: {named}.",
        f"Hand it to whoever is in charge of one of these communes: {named}.",
    )
    return Problem(403, rule, title, [FieldError("", rule, title, fix)])
