"""Why each version of a referral was written, in Vietnamese and English."""

from libs.common.problems import Text
from services.credit.referrals.domain import Act

PROGRAMME_NAMES = {
    "01": Text("hộ nghèo", "poor households"),
    "19": Text("hộ cận nghèo", "near-poor households"),
    "09": Text("hộ mới thoát nghèo", "newly escaped households"),
}
_WHY = {
    Act.OPENED: Text(
        "Hộ đủ điều kiện vay vốn chương trình {vi} ({code}).",
        "The household may borrow under the programme for {en} ({code}).",
    ),
    Act.MOVED: Text(
        "Kết quả phân loại hộ thay đổi; chuyển sang chương trình {vi} ({code}).",
        "The household's class or its day changed; now the programme for {en} ({code}).",
    ),
    Act.RELOCATED: Text(
        "Hộ chuyển nơi cư trú sang xã khác.", "The household lives in another commune now."
    ),
    Act.REPRICED: Text(
        "Lãi suất hoặc mức vay mới có hiệu lực.", "A new rate or limit came into force."
    ),
    Act.WITHDRAWN: Text(
        "Hộ không còn thuộc đối tượng, hoặc đã được giải ngân theo chương trình của mình.",
        "The household is not entitled any more, or was already paid under its programme.",
    ),
    Act.FLAGGED: Text(
        "Đã giải ngân, nhưng hộ không còn thuộc chương trình này; cần cán bộ xem xét.",
        "Paid out, but the household's class is another one now; a person should look at it.",
    ),
    Act.UNFLAGGED: Text(
        "Hộ lại thuộc chương trình đã giải ngân.",
        "The household's class is again the one it was paid under.",
    ),
    Act.DISBURSED: Text("Ngân hàng đã giải ngân.", "The bank paid out."),
    Act.NEED_APPLIED: Text(
        "Hộ đề nghị vay vốn (mẫu 01/TD).", "The household applied for a loan (form 01/TD)."
    ),
    Act.NEED_LISTED: Text(
        "Tổ bình xét, đưa vào danh sách 03/TD.", "Its group voted for it: on the list 03/TD."
    ),
    Act.NEED_DECLINED: Text("Tổ bình xét, không thông qua.", "Its group voted against it."),
    Act.NEED_SENT: Text(
        "Xã xác nhận cư trú và đối tượng; đã gửi ngân hàng.",
        "The commune confirmed residence and class; it was sent to the bank.",
    ),
    Act.NEED_NOT_CONFIRMED: Text("Xã không xác nhận.", "The commune did not confirm it."),
    Act.NEED_RECEIVED: Text("Ngân hàng đã nhận hồ sơ.", "The bank received it."),
    Act.NEED_APPROVED: Text("Ngân hàng phê duyệt cho vay.", "The bank approved it."),
    Act.NEED_REFUSED: Text("Ngân hàng từ chối cho vay.", "The bank refused it."),
    Act.NEED_WITHDRAWN: Text("Rút đề nghị vay vốn.", "The application was withdrawn."),
}


def explain(act: Act, programme: str) -> Text:
    """The reason for one version."""
    why, name = _WHY[act], PROGRAMME_NAMES[programme]
    return Text(
        why.vi.format(vi=name.vi, code=programme), why.en.format(en=name.en, code=programme)
    )
