"""One line per event, made of its facts only, in both languages. Pure."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from libs.common.problems import Text
from libs.common.programmes import LOANS

_CLASSES = {
    "poor": Text("hộ nghèo", "poor"),
    "near_poor": Text("hộ cận nghèo", "near-poor"),
    "average_living": Text("hộ có mức sống trung bình", "average living standard"),
    "none": Text("không thuộc diện nghèo, cận nghèo", "neither poor nor near-poor"),
    "": Text("chưa xếp loại", "without a class"),
}
_HOUSEHOLD = {
    "household.registered.v1": Text("Đăng ký hộ", "Household registered"),
    "household.changed.v1": Text("Thay đổi thông tin hộ", "Household facts changed"),
    "household.status_changed.v1": Text("Thay đổi phân loại hộ", "Class changed"),
    "household.split.v1": Text("Tách hộ", "Household split"),
    "household.merged.v1": Text("Nhập hộ", "Households merged"),
    "household.closed.v1": Text("Kết thúc theo dõi hộ", "Household closed"),
}
_BETWEEN_REVIEWS = {
    "arrive": Text("Hộ từ nơi khác chuyển đến", "Household moved in from elsewhere"),
    "move_members": Text("Chuyển thành viên giữa hai hộ", "Members went to another household"),
    "birth": Text("Khai sinh", "A child was born"),
    "death": Text("Khai tử", "A member died"),
    "change_head": Text("Thay đổi chủ hộ", "Another head of household"),
    "reopen": Text("Theo dõi lại hộ", "Household reopened"),
    "reverse": Text("Hủy một biến động ghi nhầm", "An act recorded by mistake was reversed"),
}
_RIGHTS = {
    "entitlement": Text("Quyền thụ hưởng", "Entitled to"),
    "insurance": Text("Danh sách bảo hiểm y tế", "Health-insurance roll"),
    "training": Text("Hỗ trợ đào tạo nghề", "Training offers"),
}
_REFERRAL = {
    "opened": Text("Giới thiệu vay vốn", "Referred to the bank"),
    "moved": Text("Chuyển chương trình vay vốn", "Referral moved to another programme"),
    "relocated": Text("Giới thiệu vay vốn theo hộ sang xã khác", "Referral follows the household"),
    "repriced": Text("Lãi suất hoặc mức vay mới có hiệu lực", "A new rate or limit applies"),
    "withdrawn": Text("Rút giới thiệu vay vốn", "Referral withdrawn"),
    "flagged": Text(
        "Đã giải ngân, cần xem lại vì hộ thay đổi phân loại",
        "Already paid out; to be looked at because the class changed",
    ),
    "unflagged": Text(
        "Đã giải ngân, hộ lại thuộc chương trình đã vay",
        "Already paid out; the class is again the one it was paid under",
    ),
    "disbursed": Text("Ngân hàng đã giải ngân", "Paid out by the bank"),
    "need_applied": Text("Đề nghị vay vốn", "Applied for a loan"),
    "need_listed": Text("Tổ đã bình xét, vào danh sách vay", "Voted for by its group and listed"),
    "need_declined": Text("Tổ bình xét không thông qua", "Voted down by its group"),
    "need_sent": Text(
        "Xã đã xác nhận, gửi ngân hàng", "Confirmed by the commune, sent to the bank"
    ),
    "need_not_confirmed": Text("Xã không xác nhận", "Not confirmed by the commune"),
    "need_received": Text("Ngân hàng đã nhận hồ sơ vay", "Received by the bank"),
    "need_approved": Text("Ngân hàng phê duyệt cho vay", "Approved by the bank"),
    "need_refused": Text("Ngân hàng từ chối cho vay", "Refused by the bank"),
    "need_withdrawn": Text("Rút đề nghị vay vốn", "Application withdrawn"),
}
_LOAN = {
    "opened": Text("Khoản vay được giải ngân", "Loan paid out"),
    "stated": Text("Sao kê dư nợ tháng", "Monthly statement of the loan"),
    "extended": Text("Gia hạn nợ", "Loan extended"),
    "frozen": Text("Khoanh nợ", "Debt frozen"),
    "written_off": Text("Xóa nợ", "Debt written off"),
    "closed": Text("Tất toán khoản vay", "Loan repaid"),
    "checked": Text("Kiểm tra sử dụng vốn vay", "Use of the loan checked"),
    "repriced": Text("Lãi suất mới áp dụng cho khoản vay", "A new rate applies to the loan"),
    "relocated": Text("Khoản vay theo hộ sang xã khác", "Loan follows the household"),
}

_CARD_STATES = {
    "issued": Text("đã cấp", "issued"),
    "rejected": Text("trả lại", "rejected"),
    "withdrawn": Text("thu hồi", "withdrawn"),
}
_CARD_REASONS = {
    "other_group": Text("đã tham gia theo nhóm khác", "insured in another group"),
    "wrong_identity": Text("sai thông tin nhân thân", "identity does not match"),
    "no_identity": Text("chưa có số định danh", "no identity number yet"),
    "deceased": Text("đã chết", "deceased"),
    "moved_away": Text("đã chuyển đi", "moved away"),
    "left_roll": Text("không còn trong danh sách", "no longer on the roll"),
    "other": Text("lý do khác", "another reason"),
}


def summarise(stream: str, event_type: str, act: str, facts: Mapping[str, Any]) -> Text:
    """What happened, in one line.

    Args:
        stream: of the event.
        event_type: its type with version.
        act: what happened in that version, as its writer names it.
        facts: the parameters kept with the entry.
    """
    if stream == "household":
        return _household(event_type, act, facts)
    if stream == "referral":
        said = _REFERRAL.get(act, Text(f"Giới thiệu vay vốn: {act}", f"Referral: {act}"))
        programme = _programme(facts)
        return Text(f"{said.vi} ({programme.vi})", f"{said.en} ({programme.en})")
    if stream == "loan":
        return _loan(act, facts)
    if stream == "card":
        return _cards(facts)
    if stream in _RIGHTS:
        return _rights(_RIGHTS[stream], facts)
    return Text(event_type, event_type)


def _household(event_type: str, act: str, facts: Mapping[str, Any]) -> Text:
    said = _BETWEEN_REVIEWS.get(act) or _HOUSEHOLD.get(event_type)
    said = said or Text(f"Hộ: {act}", f"Household: {act}")
    vi, en = [said.vi], [said.en]
    for standard, name in sorted(facts["classes"].items()):
        known = _CLASSES.get(name, Text(name, name))
        vi.append(f"{known.vi} (chuẩn {standard})")
        en.append(f"{known.en} (standard {standard})")
    day = date.fromisoformat(facts["effective_on"])
    vi.append(f"từ ngày {day.day}/{day.month}/{day.year}")
    en.append(f"from {day.isoformat()}")
    if last := facts.get("newly_escaped_until"):
        until = date.fromisoformat(last)
        vi.append(f"hộ mới thoát nghèo đến trước ngày {until.day}/{until.month}/{until.year}")
        en.append(f"newly escaped until before {until.isoformat()}")
    if number := facts.get("decision"):
        vi.append(f"Quyết định số {number}")
        en.append(f"decision {number}")
    return Text(", ".join(vi), ", ".join(en))


def _loan(act: str, facts: Mapping[str, Any]) -> Text:
    said = _LOAN.get(act, Text(f"Khoản vay: {act}", f"Loan: {act}"))
    programme, owed = _programme(facts), f"{facts['owed']:,}"
    vi = f"{said.vi} ({programme.vi}), dư nợ gốc {owed.replace(',', '.')} đồng"
    return Text(vi, f"{said.en} ({programme.en}), {owed} VND owed")


def _programme(facts: Mapping[str, Any]) -> Text:
    code = facts["programme"]
    title = LOANS.get(code)
    vi, en = f"chương trình {code}", f"programme {code}"
    return Text(vi, en) if title is None else Text(f"{title.vi}, {vi}", f"{title.en}, {en}")


def _cards(facts: Mapping[str, Any]) -> Text:
    states, reasons = (
        _counted(_CARD_STATES, facts["states"]),
        _counted(_CARD_REASONS, facts["reasons"]),
    )
    vi, en = f"Thẻ BHYT: {states.vi}", f"Health-insurance cards: {states.en}"
    return Text(f"{vi} ({reasons.vi})", f"{en} ({reasons.en})") if reasons.vi else Text(vi, en)


def _counted(words: Mapping[str, Text], counts: Mapping[str, int]) -> Text:
    known = [(words.get(name, Text(name, name)), count) for name, count in sorted(counts.items())]
    return Text(
        ", ".join(f"{word.vi} {count}" for word, count in known),
        ", ".join(f"{count} {word.en}" for word, count in known),
    )


def _rights(said: Text, facts: Mapping[str, Any]) -> Text:
    held = ", ".join(f"{code}: {count}" for code, count in sorted(facts["held"].items()))
    return Text(f"{said.vi}: {held or 'không có'}", f"{said.en}: {held or 'nothing'}")
