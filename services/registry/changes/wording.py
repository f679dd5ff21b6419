"""How refusals of change requests are said, in both languages; no value of a person among them."""

from collections.abc import Sequence

from libs.common import problems
from libs.common.problems import FieldError, Problem, Text

TAKES_TWO = "change.takes_two"
_STATES = {
    "applied": Text("Đề nghị đã được thực hiện.", "The request has been carried out."),
    "refused": Text("Đề nghị đã bị từ chối.", "The request has been refused."),
    "withdrawn": Text("Đề nghị đã được rút.", "The request has been withdrawn."),
}
_OUTDATED = Text(
    "Hộ đã thay đổi từ khi có đề nghị; chưa ghi gì.",
    "The household has changed since it was asked; nothing was recorded.",
)

CLASS_TO_REVIEW = Text(
    "Hộ đang được phân loại; phân loại giữ nguyên đến khi rà soát lại.",
    "The household has a class; it stands until the household is reviewed.",
)


def malformed(errors: Sequence[FieldError]) -> Problem:
    """The request breaks rules by itself."""
    title = Text("Đề nghị thay đổi chưa hợp lệ.", "The change request breaks rules.")
    return Problem(422, "change.malformed", title, errors)


def future(pointer: str) -> FieldError:
    return FieldError(
        pointer,
        "day.future",
        Text("Ngày ở tương lai.", "The day lies in the future."),
        Text("Nhập ngày không sau hôm nay.", "Give a day that is not after today."),
    )


def not_there_yet() -> FieldError:
    """A household moves within its commune after it has come there."""
    return FieldError(
        "/effective_on",
        "residence.overlap",
        Text(
            "Ngày không sau ngày hộ đến nơi ở hiện nay.",
            "The day is not after the household came to where it lives.",
        ),
        Text("Nhập ngày muộn hơn, hoặc cải chính nơi ở.", "Give a later day, or correct it."),
    )


def nowhere() -> FieldError:
    return FieldError(
        "/proposal/village",
        "residence.nowhere",
        Text("Chưa nêu nơi ở mới.", "It is not said where they live now."),
        Text("Nêu thôn, bản, tổ dân phố hoặc địa chỉ.", "Give the village or the address."),
    )


def closed(state: str) -> tuple[str, Text, list[FieldError]]:
    """Code, title and errors of a request on which nothing is to be decided any more."""
    fix = Text("Đọc lại đề nghị.", "Read the request again.")
    return "change.closed", _STATES[state], [FieldError("", "change.closed", _STATES[state], fix)]


def not_to_be_endorsed() -> Problem:
    title = Text(
        "Đề nghị này không chờ người thứ nhất.", "The request waits for no first of two persons."
    )
    fix = Text("Phê duyệt hoặc từ chối.", "Approve or refuse it.")
    return _refusal(409, "change.not_to_be_endorsed", title, fix)


def not_endorsed() -> Problem:
    title = Text(
        "Cần hai người; chưa có người thứ nhất.", "Two persons are needed; none has agreed."
    )
    fix = Text("Nhờ người khác xác nhận trước.", "Have another person endorse it first.")
    return _refusal(409, "change.not_endorsed", title, fix)


def own_request() -> Problem:
    title = Text(
        "Người đề nghị không tự quyết định.", "Whoever asked does not decide on it themselves."
    )
    fix = Text("Nhờ người khác, hoặc rút đề nghị.", "Ask another person, or withdraw it.")
    return problems.same_person(title, fix)


def same_person() -> Problem:
    title = Text("Cần hai người khác nhau.", "Two different persons are needed.")
    fix = Text("Nhờ người khác phê duyệt.", "Have another person approve it.")
    return problems.same_person(title, fix)


def chairman_decides() -> Problem:
    title = Text("Việc này do Chủ tịch quyết định.", "This is for the chairman to decide.")
    fix = Text("Chuyển cho Chủ tịch xã.", "Hand it to the commune's chairman.")
    return _refusal(403, "change.chairman", title, fix)


def other_commune() -> Problem:
    title = Text("Việc này của xã khác.", "This is for the other commune to do.")
    fix = Text("Chuyển cho xã đó.", "Hand it to that commune.")
    return _refusal(403, "change.other_commune", title, fix)


def asker_withdraws() -> Problem:
    title = Text("Chỉ người đề nghị được rút.", "Only whoever asked withdraws it.")
    fix = Text("Từ chối đề nghị, có lý do.", "Refuse it, with a reason.")
    return _refusal(403, "change.not_own", title, fix)


def claimed(numbers: Sequence[str | None]) -> Problem:
    """Other open requests hold a fact; None is one that the caller may not see."""
    title = Text("Đã có đề nghị khác đang chờ.", "Another request on this is open.")
    fix = Text("Chờ hoặc rút đề nghị đó.", "Wait for that one, or have it withdrawn.")
    errors = [
        FieldError(
            "/proposal",
            "change.claimed",
            Text(
                f"Đang có đề nghị số {number}." if number else "Đang có đề nghị của xã khác.",
                f"Request {number} is open." if number else "Another commune's request is open.",
            ),
            fix,
        )
        for number in numbers
    ]
    return Problem(409, "change.claimed", title, errors)


def takes_two(reason: Text) -> Problem:
    """One person is not enough.

    Args:
        reason: of the law's row.
    """
    title = Text(f"Cần hai người: {reason.vi}.", f"It takes two persons: {reason.en}.")
    fix = Text("Lập đề nghị thay đổi.", "Ask for it as a change request.")
    return _refusal(409, TAKES_TWO, title, fix)


def nothing_changes() -> Problem:
    title = Text("Đề nghị không thay đổi gì.", "The request would change nothing.")
    fix = Text("Kiểm tra lại thông tin đã ghi.", "Check what is recorded already.")
    return malformed([FieldError("/proposal", "change.nothing", title, fix)])


def gone(pointer: str) -> Problem:
    """A household is not there (any more), or elsewhere: one answer for all."""
    title = Text(
        "Hộ không còn trong phạm vi: đã nhập, kết thúc hoặc chuyển đi.",
        "The household is no longer here: merged, closed or moved.",
    )
    fix = Text("Đọc lại hộ, rồi rút đề nghị này.", "Read the household, then withdraw this one.")
    return Problem(
        409, "change.household_gone", title, [FieldError(pointer, "household.gone", title, fix)]
    )


def stale(pointer: str) -> Problem:
    title = Text("Hộ đã được người khác thay đổi.", "Someone else has changed the household.")
    fix = Text("Đọc lại hộ rồi đề nghị lại.", "Read the household again, then ask again.")
    return Problem(412, "version.stale", title, [FieldError(pointer, "version.stale", title, fix)])


def outdated(places: Sequence[int], listed: int) -> Problem:
    """What was asked for is no longer what would happen.

    Args:
        places: of the request's `changes` that differ; `listed` stands for changes on top.
        listed: how many changes the request lists.
    """
    fix = Text("Rút đề nghị này, đọc lại hộ rồi đề nghị lại.", "Withdraw it, read, and ask again.")
    errors = [
        FieldError(
            f"/changes/{place}" if place < listed else "/changes",
            "change.outdated",
            Text("Thông tin này nay đã khác.", "This fact is another one now.")
            if place < listed
            else Text("Nay còn kéo theo thay đổi khác.", "It would now change more than that."),
            fix,
        )
        for place in places
    ]
    return Problem(409, "change.outdated", _OUTDATED, errors)


def broken(problem: Problem) -> Problem:
    """What was asked for breaks rules by now; what else refuses it stays what it is."""
    if problem.status != 422:
        return problem
    return Problem(409, "change.outdated", _OUTDATED, problem.errors)


def not_applied() -> Problem:
    title = Text("Đề nghị này chưa được thực hiện.", "The request was not carried out.")
    fix = Text("Từ chối hoặc rút đề nghị đó.", "Refuse or withdraw it instead.")
    return _refusal(409, "change.not_applied", title, fix, "/proposal/change_id")


def reversed_before(number: str) -> Problem:
    title = Text(
        f"Đề nghị này đã bị hủy kết quả bởi số {number}.",
        f"The request was reversed before, by number {number}.",
    )
    fix = Text("Đọc lại hai đề nghị.", "Read both requests.")
    return _refusal(409, "change.reversed_before", title, fix, "/proposal/change_id")


def changed_since() -> Problem:
    """What a reversal takes back is no longer what it was made."""
    title = Text("Không hủy được: đã có thay đổi sau đó.", "It has changed once more since.")
    fix = Text(
        "Hủy thay đổi sau trước, hoặc cải chính.", "Reverse the later one first, or correct."
    )
    return _refusal(409, "change.changed_since", title, fix, "/proposal/change_id")


def names_not_reversible() -> Problem:
    title = Text(
        "Trước đó chưa có họ tên, số hoặc địa chỉ này nên không hủy được.",
        "There was no such name, number or address before: it is not taken out again.",
    )
    fix = Text("Đề nghị cải chính nhân thân mới.", "Ask for a correction of identity.")
    return _refusal(409, "change.names_not_reversible", title, fix, "/proposal/change_id")


def _refusal(status: int, code: str, title: Text, fix: Text, pointer: str = "") -> Problem:
    return Problem(status, code, title, [FieldError(pointer, code, title, fix)])
