"""The closed word lists as people read them, in both languages."""

from collections.abc import Mapping
from enum import StrEnum

from libs.common.problems import Text
from libs.common.security.roles import Role
from libs.common.vocabulary import (
    AreaKind,
    CapitalSource,
    CardReason,
    CardState,
    DecisionKind,
    Designation,
    Disability,
    Employment,
    LoanState,
    NeedStage,
    ReferralState,
    Relation,
    Schooling,
    Sex,
    StatusClass,
)

# By class first: words of two lists may be written the same (`none`).
WORDS: Mapping[type[StrEnum], Mapping[str, Text]] = {
    StatusClass: {
        "poor": Text("Hộ nghèo", "Poor"),
        "near_poor": Text("Hộ cận nghèo", "Near-poor"),
        "average_living": Text("Hộ có mức sống trung bình", "Average living standard"),
        "none": Text("Không thuộc diện", "None of these"),
    },
    DecisionKind: {
        "recognise": Text("Công nhận", "Recognition"),
        "correct": Text("Đính chính", "Correction"),
        "revoke": Text("Thu hồi", "Revocation"),
    },
    Sex: {"male": Text("Nam", "Male"), "female": Text("Nữ", "Female")},
    Relation: {
        "head": Text("Chủ hộ", "Head"),
        "spouse": Text("Vợ, chồng", "Spouse"),
        "child": Text("Con", "Child"),
        "parent": Text("Cha, mẹ", "Parent"),
        "grandchild": Text("Cháu", "Grandchild"),
        "grandparent": Text("Ông, bà", "Grandparent"),
        "sibling": Text("Anh, chị, em", "Sibling"),
        "other": Text("Khác", "Other"),
    },
    Disability: {
        "none": Text("Không", "None"),
        "mild": Text("Nhẹ", "Mild"),
        "severe": Text("Nặng", "Severe"),
        "extremely_severe": Text("Đặc biệt nặng", "Extremely severe"),
    },
    Schooling: {
        "not_attending": Text("Không đi học", "Not attending"),
        "preschool": Text("Mầm non", "Preschool"),
        "primary": Text("Tiểu học", "Primary"),
        "lower_secondary": Text("Trung học cơ sở", "Lower secondary"),
        "upper_secondary": Text("Trung học phổ thông", "Upper secondary"),
        "vocational": Text("Học nghề", "Vocational"),
        "higher": Text("Cao đẳng, đại học", "Higher"),
    },
    Employment: {
        "employed": Text("Làm công hưởng lương", "Employed"),
        "self_employed": Text("Tự làm", "Self-employed"),
        "farming": Text("Nông, lâm, ngư nghiệp", "Farming"),
        "unemployed": Text("Thất nghiệp", "Unemployed"),
        "inactive": Text("Không làm việc", "Not working"),
    },
    AreaKind: {
        "province": Text("Tỉnh", "Province"),
        "city": Text("Thành phố", "City"),
        "district": Text("Huyện", "District"),
        "rural_commune": Text("Xã", "Rural commune"),
        "ward": Text("Phường", "Ward"),
        "township": Text("Thị trấn", "Township"),
        "special_zone": Text("Đặc khu", "Special zone"),
    },
    Designation: {
        "poor_commune": Text("Xã nghèo", "Poor commune"),
        "poor_district": Text("Huyện nghèo", "Poor district"),
        "difficult": Text("Vùng khó khăn", "Difficult area"),
        "extremely_difficult": Text("Xã đặc biệt khó khăn", "Extremely difficult commune"),
        "island": Text("Xã đảo", "Island commune"),
    },
    NeedStage: {
        "applied": Text("Đã đề nghị vay", "Applied"),
        "listed": Text("Đã bình xét, vào danh sách", "Voted for and listed"),
        "declined": Text("Bình xét không thông qua", "Voted down"),
        "sent": Text("Xã đã xác nhận, gửi ngân hàng", "Confirmed and sent to the bank"),
        "not_confirmed": Text("Xã không xác nhận", "Not confirmed by the commune"),
        "received": Text("Ngân hàng đã nhận", "Received by the bank"),
        "approved": Text("Đã phê duyệt", "Approved"),
        "refused": Text("Từ chối cho vay", "Refused"),
        "disbursed": Text("Đã giải ngân", "Paid out"),
        "withdrawn": Text("Rút đề nghị", "Withdrawn"),
    },
    ReferralState: {
        "open": Text("Đang giới thiệu", "Open"),
        "withdrawn": Text("Đã rút", "Withdrawn"),
        "disbursed": Text("Đã giải ngân", "Paid out"),
    },
    CapitalSource: {
        "central": Text("Vốn trung ương", "Central"),
        "local": Text("Vốn địa phương ủy thác", "Local, entrusted"),
    },
    LoanState: {
        "in_term": Text("Trong hạn", "In term"),
        "extended": Text("Gia hạn", "Extended"),
        "overdue": Text("Quá hạn", "Overdue"),
        "frozen": Text("Khoanh nợ", "Frozen"),
        "closed": Text("Tất toán", "Repaid"),
        "written_off": Text("Xóa nợ", "Written off"),
    },
    CardState: {
        "issued": Text("Đã cấp thẻ", "Issued"),
        "rejected": Text("Trả lại, không cấp", "Rejected"),
        "withdrawn": Text("Thu hồi, báo giảm", "Withdrawn"),
    },
    CardReason: {
        "other_group": Text("Đã tham gia theo nhóm khác", "Insured in another group"),
        "wrong_identity": Text("Sai thông tin nhân thân", "Identity does not match"),
        "no_identity": Text("Chưa có số định danh", "No identity number yet"),
        "deceased": Text("Đã chết", "Deceased"),
        "moved_away": Text("Đã chuyển đi nơi khác", "Moved away"),
        "left_roll": Text("Không còn trong danh sách", "No longer on the roll"),
        "other": Text("Lý do khác", "Another reason"),
    },
    Role: {
        "officer": Text("Cán bộ xã", "Officer"),
        "chairman": Text("Chủ tịch xã", "Chairman"),
        "reviewer": Text("Rà soát viên", "Reviewer"),
        "province": Text("Cấp tỉnh", "Province"),
        "bank": Text("Ngân hàng", "Bank"),
        "insurer": Text("Bảo hiểm", "Insurer"),
        "training": Text("Đào tạo nghề", "Training"),
        "partner": Text("Đối tác", "Partner"),
        "auditor": Text("Kiểm toán", "Auditor"),
        "operator": Text("Vận hành", "Operator"),
    },
}

_ETHNICITIES = (
    "Kinh, Tày, Thái, Hoa, Khmer, Mường, Nùng, Mông, Dao, Gia Rai, Ngái, Ê Đê, Ba Na, Xơ Đăng, "
    "Sán Chay, Cơ Ho, Chăm, Sán Dìu, Hrê, Mnông, Ra Glai, Xtiêng, Bru Vân Kiều, Thổ, Giáy, Cơ Tu, "
    "Gié Triêng, Mạ, Khơ Mú, Co, Tà Ôi, Chơ Ro, Kháng, Xinh Mun, Hà Nhì, Chu Ru, Lào, La Chí, "
    "La Ha, Phù Lá, La Hủ, Lự, Lô Lô, Chứt, Mảng, Pà Thẻn, Cơ Lao, Cống, Bố Y, Si La, Pu Péo, "
    "Brâu, Ơ Đu, Rơ Măm"
).split(", ")
_SLUGS = (
    "kinh tay thai hoa khmer muong nung mong dao gia_rai ngai e_de ba_na xo_dang san_chay co_ho "
    "cham san_diu hre mnong ra_glai xtieng bru_van_kieu tho giay co_tu gie_trieng ma kho_mu co "
    "ta_oi cho_ro khang xinh_mun ha_nhi chu_ru lao la_chi la_ha phu_la la_hu lu lo_lo chut mang "
    "pa_then co_lao cong bo_y si_la pu_peo brau o_du ro_mam"
).split()
ETHNICITY_WORDS = dict(zip(_SLUGS, _ETHNICITIES, strict=True))


def word_of(value: StrEnum) -> Text:
    """How a word of a list is read; the word itself where the list has no texts."""
    return WORDS.get(type(value), {}).get(value.value) or Text(value.value, value.value)


def ethnicity_word(slug: str) -> str:
    """The name of an ethnicity, which is the same in both languages."""
    return ETHNICITY_WORDS.get(slug, slug)
