"""The closed word lists that every service shares. Standard library only: the law uses them.

The Vietnamese term stands in brackets; `docs/glossary.md` has them all.
"""

from enum import StrEnum


class StatusClass(StrEnum):
    """A household's class under one poverty standard (phân loại hộ)."""

    POOR = "poor"  # hộ nghèo
    NEAR_POOR = "near_poor"  # hộ cận nghèo
    AVERAGE_LIVING = "average_living"  # hộ có mức sống trung bình
    NONE = "none"  # none of these


class AreaLevel(StrEnum):
    PROVINCE = "province"  # tỉnh, thành phố trực thuộc trung ương
    DISTRICT = "district"  # huyện, quận; until 30/6/2025
    COMMUNE = "commune"  # xã, phường, thị trấn, đặc khu


class AreaKind(StrEnum):
    """What a unit is; at commune level this decides the income line that applies."""

    PROVINCE = "province"  # tỉnh
    CITY = "city"  # thành phố trực thuộc trung ương
    DISTRICT = "district"  # huyện, quận, thị xã, thành phố thuộc tỉnh
    RURAL_COMMUNE = "rural_commune"  # xã
    WARD = "ward"  # phường
    TOWNSHIP = "township"  # thị trấn
    SPECIAL_ZONE = "special_zone"  # đặc khu


class Designation(StrEnum):
    """Dated quality of an area on which benefits depend."""

    POOR_COMMUNE = "poor_commune"  # xã nghèo
    POOR_DISTRICT = "poor_district"  # huyện nghèo
    DIFFICULT = "difficult"  # vùng khó khăn
    EXTREMELY_DIFFICULT = "extremely_difficult"  # xã đặc biệt khó khăn
    ISLAND = "island"  # xã đảo


class Sex(StrEnum):
    MALE = "male"
    FEMALE = "female"


class Relation(StrEnum):
    """Relation to the head of household (quan hệ với chủ hộ)."""

    HEAD = "head"
    SPOUSE = "spouse"
    CHILD = "child"
    PARENT = "parent"
    GRANDCHILD = "grandchild"
    GRANDPARENT = "grandparent"
    SIBLING = "sibling"
    OTHER = "other"


class Disability(StrEnum):
    """Degree of disability (mức độ khuyết tật)."""

    NONE = "none"
    MILD = "mild"  # nhẹ
    SEVERE = "severe"  # nặng
    EXTREMELY_SEVERE = "extremely_severe"  # đặc biệt nặng


class Schooling(StrEnum):
    """The level a person attends now (tình trạng đi học)."""

    NOT_ATTENDING = "not_attending"
    PRESCHOOL = "preschool"
    PRIMARY = "primary"
    LOWER_SECONDARY = "lower_secondary"
    UPPER_SECONDARY = "upper_secondary"
    VOCATIONAL = "vocational"
    HIGHER = "higher"


class Employment(StrEnum):
    """What a person works at now (tình trạng việc làm)."""

    EMPLOYED = "employed"
    SELF_EMPLOYED = "self_employed"
    FARMING = "farming"
    UNEMPLOYED = "unemployed"
    INACTIVE = "inactive"


class LeftReason(StrEnum):
    """Why a person is no longer a member of a household (lý do rời hộ)."""

    DIED = "died"  # chết
    MOVED = "moved"  # chuyển đi
    SPLIT = "split"  # tách hộ
    MERGED = "merged"  # nhập hộ
    MARRIED = "married"  # kết hôn
    OTHER = "other"


class CloseReason(StrEnum):
    """Why a household is closed (lý do kết thúc theo dõi hộ)."""

    DIED = "died"  # the last member died
    MOVED_AWAY = "moved_away"  # moved out of the province or the country
    REGISTERED_TWICE = "registered_twice"  # the same household stands under another id
    OTHER = "other"


class HouseholdActKind(StrEnum):
    """What happens to households between reviews (biến động hộ)."""

    ARRIVE = "arrive"  # hộ từ nơi khác chuyển đến
    SPLIT = "split"  # tách hộ
    MERGE = "merge"  # nhập hộ
    CLOSE = "close"  # kết thúc theo dõi
    REOPEN = "reopen"  # theo dõi lại
    MOVE_MEMBERS = "move_members"  # chuyển thành viên sang hộ khác
    DEATH = "death"  # khai tử
    BIRTH = "birth"  # khai sinh
    CHANGE_HEAD = "change_head"  # thay đổi chủ hộ
    MERGE_PERSONS = "merge_persons"  # bỏ bản ghi trùng của một người
    REVERSE = "reverse"  # hủy một biến động ghi nhầm


class LinkRelation(StrEnum):
    """What another household is to this one after an act on both (quan hệ giữa hai hộ)."""

    SPLIT_FROM = "split_from"  # this one was split off from the other
    SPLIT_INTO = "split_into"  # the other was split off from this one
    MERGED_FROM = "merged_from"  # the other joined this one
    MERGED_INTO = "merged_into"  # this one joined the other
    MEMBER_FROM = "member_from"  # members came from the other
    MEMBER_TO = "member_to"  # members went to the other


class DecisionKind(StrEnum):
    """What a status decision does (quyết định)."""

    RECOGNISE = "recognise"  # công nhận
    CORRECT = "correct"  # đính chính, thay thế
    REVOKE = "revoke"  # thu hồi


class NeedStage(StrEnum):
    """How far a household's loan need has come (nhu cầu vay vốn)."""

    APPLIED = "applied"  # đã đề nghị vay (mẫu 01/TD)
    LISTED = "listed"  # đã bình xét, trong danh sách 03/TD
    DECLINED = "declined"  # bình xét không thông qua
    SENT = "sent"  # xã đã xác nhận, đã gửi ngân hàng
    NOT_CONFIRMED = "not_confirmed"  # xã không xác nhận
    RECEIVED = "received"  # ngân hàng đã nhận
    APPROVED = "approved"  # đã phê duyệt
    REFUSED = "refused"  # từ chối cho vay
    DISBURSED = "disbursed"  # đã giải ngân
    WITHDRAWN = "withdrawn"  # rút đề nghị


class ReferralState(StrEnum):
    """A referral's life with the bank, as far as this version knows it."""

    OPEN = "open"
    WITHDRAWN = "withdrawn"
    DISBURSED = "disbursed"


class CapitalSource(StrEnum):
    """Whose money is lent (nguồn vốn)."""

    CENTRAL = "central"  # vốn trung ương
    LOCAL = "local"  # vốn ủy thác địa phương


class LoanState(StrEnum):
    """Where a loan stands (tình trạng khoản vay)."""

    IN_TERM = "in_term"  # trong hạn
    EXTENDED = "extended"  # gia hạn
    OVERDUE = "overdue"  # quá hạn
    FROZEN = "frozen"  # khoanh
    CLOSED = "closed"  # tất toán
    WRITTEN_OFF = "written_off"  # xóa nợ


KINH = "kinh"

# The 54 ethnicities (dân tộc) of the official list, as slugs.
ETHNICITIES: frozenset[str] = frozenset(
    "kinh tay thai hoa khmer muong nung mong dao gia_rai ngai e_de ba_na xo_dang san_chay co_ho "
    "cham san_diu hre mnong ra_glai xtieng bru_van_kieu tho giay co_tu gie_trieng ma kho_mu co "
    "ta_oi cho_ro khang xinh_mun ha_nhi chu_ru lao la_chi la_ha phu_la la_hu lu lo_lo chut mang "
    "pa_then co_lao cong bo_y si_la pu_peo brau o_du ro_mam".split()
)


class CardState(StrEnum):
    """What the insurer did with a line of the roll (thẻ BHYT)."""

    ISSUED = "issued"  # đã cấp thẻ
    REJECTED = "rejected"  # trả lại, không cấp
    WITHDRAWN = "withdrawn"  # thu hồi, báo giảm


class CardReason(StrEnum):
    """Why the insurer issued no card, or took one back."""

    OTHER_GROUP = "other_group"  # đã tham gia BHYT theo nhóm khác
    WRONG_IDENTITY = "wrong_identity"  # sai thông tin nhân thân
    NO_IDENTITY = "no_identity"  # chưa có số định danh
    DECEASED = "deceased"  # đã chết
    MOVED_AWAY = "moved_away"  # đã chuyển đi nơi khác
    LEFT_ROLL = "left_roll"  # không còn trong danh sách, hoặc đổi nhóm
    OTHER = "other"


class Result(StrEnum):
    """What came of one line of many."""

    RECORDED = "recorded"
    UNCHANGED = "unchanged"
    REFUSED = "refused"
