"""Why an answer of the insurer is not taken, said so that it can be mended. Pure."""

from collections.abc import Sequence

from libs.common.problems import FieldError, Problem, Text

__all__ = ["FieldError"]

_TITLE = Text("Kết quả cấp thẻ BHYT không hợp lệ.", "This answer to the roll is not valid.")


def refused(errors: Sequence[FieldError]) -> Problem:
    return Problem(422, "card.refused", _TITLE, errors)


def unknown_roll() -> Problem:
    """Never said, or of a household outside the caller's areas: one answer for both."""
    error = FieldError(
        "/roll_version",
        "card.roll_unknown",
        Text(
            "Chưa có phiên bản danh sách này của hộ trong phạm vi được phép.",
            "No such version of a household's roll was said within your areas.",
        ),
        Text(
            "Đọc lại luồng thay đổi; dùng `sequence` của sự kiện làm `roll_version`.",
            "Read the feed again; `roll_version` is the `sequence` of the event.",
        ),
    )
    return Problem(404, "card.roll_unknown", _TITLE, [error])


def not_on_roll() -> Problem:
    error = FieldError(
        "/person_id",
        "card.not_on_roll",
        Text(
            "Danh sách của hộ không có người này với nhóm và thời gian này.",
            "The household's roll never had this person in this group over this period.",
        ),
        Text(
            "Gửi lại đúng `person_id`, `group`, `from_day`, `until` của danh sách.",
            "Give back `person_id`, `group`, `from_day` and `until` as the roll says them.",
        ),
    )
    return Problem(422, "card.not_on_roll", _TITLE, [error])


def number_taken() -> Problem:
    error = FieldError(
        "/number",
        "card.number_taken",
        Text(
            "Số thứ tự này đã ghi nhận với nội dung khác.",
            "This number is already recorded with another content.",
        ),
        Text("Trả lời khác thì dùng số lớn hơn.", "Another answer takes a higher number."),
    )
    return Problem(409, "card.number_taken", _TITLE, [error])


def future_day() -> FieldError:
    return FieldError(
        "/answered_on",
        "card.future",
        Text("Ngày trả lời ở tương lai.", "The answer's day lies ahead."),
        Text("Kiểm tra lại ngày.", "Check the day."),
    )


def incomplete_card() -> FieldError:
    return FieldError(
        "/card_reference",
        "card.incomplete",
        Text("Đã cấp thẻ nhưng thiếu thông tin thẻ.", "A card was issued, but it is not named."),
        Text(
            "Ghi `card_reference` (không phải số thẻ) và `valid_from`.",
            "Give `card_reference` (not the card's number) and `valid_from`.",
        ),
    )


def no_card() -> FieldError:
    return FieldError(
        "/state",
        "card.none_issued",
        Text("Không cấp thẻ thì không có thông tin thẻ.", "Where no card is, none is described."),
        Text(
            "Bỏ `card_reference`, `benefit_level`, `valid_from`, `valid_until`.",
            "Leave out `card_reference`, `benefit_level`, `valid_from` and `valid_until`.",
        ),
    )


def card_beyond_line() -> FieldError:
    return FieldError(
        "/valid_from",
        "card.beyond_line",
        Text(
            "Thời hạn thẻ phải nằm trong thời gian tham gia theo danh sách.",
            "The card must be valid within the line's period, and for a day at least.",
        ),
        Text(
            "Sửa `valid_from`, `valid_until` theo `from_day`, `until`.",
            "Mend `valid_from` and `valid_until` by `from_day` and `until`.",
        ),
    )


def reason(is_needed: bool) -> FieldError:
    return FieldError(
        "/reason",
        "card.reason",
        Text("Thiếu lý do.", "The reason is missing.")
        if is_needed
        else Text("Đã cấp thẻ thì không có lý do.", "An issued card has no reason."),
        Text("Ghi `reason`.", "Give `reason`.")
        if is_needed
        else Text("Bỏ `reason`.", "Leave `reason` out."),
    )
