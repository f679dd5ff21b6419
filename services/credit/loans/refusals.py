"""Why something cannot be done to a loan, said so that the bank can mend it. Pure."""

from collections.abc import Sequence
from datetime import date

from libs.common.problems import FieldError, Problem, Text
from libs.common.vocabulary import LoanState

_TITLE = Text("Nghiệp vụ khoản vay không hợp lệ.", "This cannot be done to the loan.")
_FINAL = (LoanState.CLOSED, LoanState.WRITTEN_OFF)
_READ_AGAIN = Text(
    "Đọc lại khoản vay và đối chiếu với sổ của ngân hàng.",
    "Read the loan again and compare it with the bank's books.",
)
_CHECK_DAY = Text("Kiểm tra lại ngày.", "Check the day.")


def raise_if(errors: Sequence[FieldError]) -> None:
    """Refuse with all that is wrong, where something is."""
    if errors:
        raise Problem(422, "loan.refused", _TITLE, errors)


def wrong_state(state: LoanState) -> Problem:
    message = Text(
        "Không thực hiện được ở tình trạng hiện tại của khoản vay.",
        "This cannot be done in the loan's present state.",
    )
    error = FieldError("/state", f"loan.is_{state}", message, _READ_AGAIN)
    return Problem(409, "loan.wrong_state", _TITLE, [error])


def unless_outstanding(state: LoanState) -> None:
    """Refuse what is done to a loan that is repaid or written off."""
    if state in _FINAL:
        raise wrong_state(state)


def differs(field: str, rule: str) -> Problem:
    """The same was recorded before with another content."""
    message = Text("Đã ghi nhận với nội dung khác.", "It is already recorded with another content.")
    return Problem(409, rule, _TITLE, [FieldError(field, rule, message, _READ_AGAIN)])


def checked_already() -> Problem:
    return differs("/checked_on", "use_check.recorded")


def statement_month(is_future: bool) -> FieldError:
    return FieldError(
        "/month",
        "statement.month_not_over" if is_future else "statement.before_payment",
        Text(
            "Tháng sao kê phải từ tháng giải ngân đến tháng đã kết thúc gần nhất.",
            "The month must be over, and not lie before the payment.",
        ),
        Text("Kiểm tra lại tháng.", "Check the month."),
    )


def over_principal(principal: int) -> FieldError:
    return FieldError(
        "/balances",
        "statement.over_principal",
        Text(
            f"Dư nợ gốc vượt số tiền đã giải ngân {principal} đồng.",
            f"More is owed than the {principal} VND that were paid out.",
        ),
        Text("Kiểm tra lại dư nợ gốc.", "Check the balances."),
    )


def extension(is_over: bool, last: date, document: str) -> FieldError:
    return FieldError(
        "/until",
        "extension.over_limit" if is_over else "extension.not_later",
        Text(
            f"Hạn mới phải sau hạn hiện tại và không quá {last.isoformat()} ({document}).",
            "The new day must be after the present one and no later than "
            f"{last.isoformat()} ({document}).",
        ),
        Text("Chọn ngày trong giới hạn gia hạn.", "Choose a day within the limit."),
    )


def freeze_months(least: int, most: int, document: str) -> FieldError:
    return FieldError(
        "/months",
        "freeze.months",
        Text(
            f"Thời gian khoanh nợ phải từ {least} đến {most} tháng ({document}).",
            f"A debt is frozen for {least} to {most} months ({document}).",
        ),
        Text("Sửa số tháng khoanh nợ.", "Mend the number of months."),
    )


def act_day(pointer: str) -> FieldError:
    return FieldError(
        pointer,
        "loan.day",
        Text(
            "Ngày phải từ ngày giải ngân (hoặc ngày sao kê gần nhất) đến hôm nay.",
            "The day must lie between the payment, or the newest balance, and today.",
        ),
        _CHECK_DAY,
    )
