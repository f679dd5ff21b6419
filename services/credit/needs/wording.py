"""What is said of loan needs: every refusal with its field, rule and remedy, in both languages."""

from collections.abc import Sequence
from datetime import date

from libs.common.problems import FieldError, Problem, Text
from libs.common.vocabulary import NeedStage

STAGE_NAMES = {
    NeedStage.APPLIED: Text("đã đề nghị vay", "applied"),
    NeedStage.LISTED: Text("đã bình xét, chờ xã xác nhận", "listed, waits for the commune"),
    NeedStage.DECLINED: Text("bình xét không thông qua", "declined by the group's vote"),
    NeedStage.SENT: Text("xã đã xác nhận, đã gửi ngân hàng", "confirmed and sent to the bank"),
    NeedStage.NOT_CONFIRMED: Text("xã không xác nhận", "not confirmed by the commune"),
    NeedStage.RECEIVED: Text("ngân hàng đã nhận", "received by the bank"),
    NeedStage.APPROVED: Text("ngân hàng đã phê duyệt", "approved by the bank"),
    NeedStage.REFUSED: Text("ngân hàng từ chối", "refused by the bank"),
    NeedStage.DISBURSED: Text("đã giải ngân", "paid out"),
    NeedStage.WITHDRAWN: Text("đã rút đề nghị", "withdrawn"),
}
_TITLES = {
    "need.refused": Text("Nhu cầu vay không hợp lệ.", "The loan need is not valid."),
    "need.differs": Text(
        "Đã ghi nhận nội dung khác.", "Something else is already recorded under this id."
    ),
    "list.refused": Text("Danh sách không hợp lệ.", "The list is not valid."),
    "list.differs": Text(
        "Danh sách này đã ghi nhận nội dung khác.",
        "The list with this id is already recorded with another content.",
    ),
    "confirmation.refused": Text("Xác nhận không hợp lệ.", "The confirmation is not valid."),
}
_READ_AGAIN = Text("Đọc lại rồi đối chiếu.", "Read it again and compare.")
_CHECK_DAY = Text("Kiểm tra lại ngày.", "Check the day.")
_CHECK_AMOUNT = Text("Giảm số tiền.", "Lower the amount.")
_CHECK_ID = Text("Kiểm tra lại mã.", "Check the id.")
_RULES = {
    "day.in_future": (
        Text("Ngày ở sau hôm nay.", "The day lies after today."),
        _CHECK_DAY,
    ),
    "day.too_early": (
        Text(
            "Ngày ở trước bước trước đó ({day}).",
            "The day lies before the step that came before it ({day}).",
        ),
        _CHECK_DAY,
    ),
    "day.confirmed_before": (
        Text(
            "Đã xác nhận trước khi hộ đổi chương trình; cần xác nhận mới, sau ngày {day}.",
            "It was confirmed before the programme changed; a new one must be later than {day}.",
        ),
        _CHECK_DAY,
    ),
    "need.over_limit": (
        Text(
            "Số tiền vượt mức còn được vay {amount} đồng ({document}).",
            "The amount is over what may still be borrowed, {amount} VND ({document}).",
        ),
        _CHECK_AMOUNT,
    ),
    "need.over_asked": (
        Text(
            "Số tiền vượt nhu cầu {amount} đồng của hộ.",
            "The amount is over the {amount} VND that the household asked for.",
        ),
        _CHECK_AMOUNT,
    ),
    "need.too_long": (
        Text(
            "Thời hạn vượt mức tối đa {months} tháng ({document}).",
            "The term is over the limit of {months} months ({document}).",
        ),
        Text("Giảm thời hạn.", "Shorten the term."),
    ),
    "need.one_open": (
        Text(
            "Hộ đang có một nhu cầu vay chưa xong.", "The referral has a need that is not over yet."
        ),
        Text("Rút nhu cầu đó trước, hoặc chờ kết quả.", "Withdraw it first, or await its end."),
    ),
    "need.taken": (
        Text("Mã nhu cầu đã được sử dụng.", "The need's id is already used."),
        Text("Dùng một UUID mới.", "Use a fresh UUID."),
    ),
    "need.missing": (
        Text("Giới thiệu này chưa có nhu cầu vay.", "The referral has no loan need."),
        Text("Ghi nhận nhu cầu (mẫu 01/TD) trước.", "Record the need (form 01/TD) first."),
    ),
    "need.differs": (
        Text("Đã ghi nhận giá trị khác.", "Another value is already recorded."),
        _READ_AGAIN,
    ),
    "need.unknown": (
        Text(
            "Không có nhu cầu vay này trong phạm vi được phép.", "No such need within your areas."
        ),
        _CHECK_ID,
    ),
    "need.other": (
        Text(
            "Giới thiệu này nay có nhu cầu vay khác.", "The referral has another loan need by now."
        ),
        Text("Tải lại danh sách 03/TD mới nhất.", "Fetch the newest list 03/TD."),
    ),
    "need.twice": (
        Text("Một nhu cầu được ghi hai lần.", "The need is named twice."),
        Text("Chỉ giữ một dòng.", "Keep one line only."),
    ),
    "need.not_on_list": (
        Text("Nhu cầu không có trong danh sách này.", "The need is not on this list."),
        Text("Bỏ dòng này.", "Remove the line."),
    ),
    "need.other_commune": (
        Text("Hộ cư trú ở xã khác.", "The household lives in another commune."),
        Text("Bỏ dòng này; xã nơi cư trú lập danh sách.", "Remove it; its own commune lists it."),
    ),
    "need.other_group": (
        Text("Hộ vay qua tổ khác.", "The household applies through another group."),
        Text("Bỏ dòng này; tổ của hộ bình xét.", "Remove it; its own group votes."),
    ),
    "list.taken": (
        Text("Mã danh sách đã được sử dụng.", "The list's id is already used."),
        Text("Dùng một UUID mới.", "Use a fresh UUID."),
    ),
    "list.differs": (
        Text("Đã ghi nhận giá trị khác.", "Another value is already recorded."),
        _READ_AGAIN,
    ),
    "referral.unknown": (
        Text(
            "Không có giới thiệu vay vốn này trong phạm vi được phép.",
            "No such referral within your areas.",
        ),
        _CHECK_ID,
    ),
    "referral.not_open": (
        Text("Giới thiệu vay vốn không còn mở.", "The referral is not open any more."),
        Text("Đối chiếu với danh sách mới nhất.", "Compare it with the latest list."),
    ),
    "reason.required": (
        Text("Thiếu lý do.", "The reason is missing."),
        Text("Ghi lý do, không nêu tên người.", "Say why, without names of persons."),
    ),
    "votes.none": (
        Text("Không có phiếu nào.", "There is no vote."),
        Text("Ghi số phiếu theo biên bản 10C/TD.", "Give the votes of the minutes (10C/TD)."),
    ),
    "group.unknown": (
        Text("Không có Tổ này trong phạm vi được phép.", "No such group within your areas."),
        _CHECK_ID,
    ),
    "group.incomplete": (
        Text(
            "Tổ chưa đủ tổ viên để bình xét.", "The group has too few members on that day to vote."
        ),
        Text("Kết nạp đủ tổ viên trước.", "Let more households join first."),
    ),
    "group.other_commune": (
        Text("Tổ thuộc xã khác.", "The group is of another commune."),
        _CHECK_ID,
    ),
    "group.not_member": (
        Text("Hộ không ở trong Tổ vào ngày đó.", "The household is not in the group on that day."),
        Text("Kết nạp hộ vào Tổ, hoặc sửa Tổ.", "Let it join the group, or mend the group."),
    ),
    "disbursement.longer_than_approved": (
        Text(
            "Thời hạn vượt {months} tháng đã phê duyệt.",
            "The term is over the {months} months that were approved.",
        ),
        Text("Giảm thời hạn.", "Shorten the term."),
    ),
    "disbursement.other_source": (
        Text(
            "Nguồn vốn khác với nguồn đã đề nghị vay.",
            "The capital is not of the source asked for.",
        ),
        Text("Bỏ trống, hoặc ghi đúng nguồn vốn.", "Leave it out, or name that source."),
    ),
    "disbursement.before_approval": (
        Text("Ngày giải ngân trước ngày phê duyệt.", "Paid out before it was approved."),
        _CHECK_DAY,
    ),
    "disbursement.over_approved": (
        Text(
            "Số tiền vượt mức đã phê duyệt {amount} đồng.",
            "The amount is over the {amount} VND that were approved.",
        ),
        _CHECK_AMOUNT,
    ),
}


def field_error(pointer: str, rule: str, **facts: object) -> FieldError:
    """One broken rule at one field; `facts` are the values its text names."""
    message, fix = _RULES[rule]
    said = Text(message.vi.format(**facts), message.en.format(**facts))
    return FieldError(pointer, rule, said, fix)


def stage_error(pointer: str, stage: NeedStage) -> FieldError:
    """The need is in a stage in which this act is not possible."""
    name = STAGE_NAMES[stage]
    message = Text(
        f"Nhu cầu vay đang ở bước: {name.vi}.", f"The need is at another step: {name.en}."
    )
    return FieldError(pointer, f"need.is_{stage}", message, _READ_AGAIN)


def wrong_stage(stage: NeedStage) -> Problem:
    """The refusal of an act that does not fit the stage."""
    title = Text("Bước này không thực hiện được.", "This act is not possible now.")
    return Problem(409, "need.wrong_stage", title, [stage_error("/stage", stage)])


def refusal(status: int, code: str, errors: Sequence[FieldError]) -> Problem:
    """A refusal naming every fault."""
    title = _TITLES.get(code)
    return Problem(status, code, title or errors[0].message, errors)


def day_errors(pointer: str, day: date, earliest: date, today: date) -> list[FieldError]:
    """A day must lie between the step before it and today."""
    if day > today:
        return [field_error(pointer, "day.in_future")]
    if day < earliest:
        return [field_error(pointer, "day.too_early", day=earliest)]
    return []
