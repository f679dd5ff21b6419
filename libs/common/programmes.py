"""The programmes of which people have rights, as everybody calls them.

The law tables of eligibility say who has a right to what; several of one programme, of a province
too, have titles of their own. Codes are those of events: of loans, insurance groups and training.
"""

from collections.abc import Mapping

from libs.common.problems import Text

_SHORT_COURSES = Text(
    "Hỗ trợ đào tạo trình độ sơ cấp, dưới 3 tháng", "Support for basic and short training courses"
)
_NATIONAL = Text(
    "Đào tạo nghề thuộc Chương trình MTQG giảm nghèo bền vững 2021–2025",
    "Vocational training of the national programme 2021–2025",
)
_RURAL = Text(
    "Hỗ trợ đào tạo nghề cho người lao động ở khu vực nông thôn",
    "Training support for workers in rural areas",
)
LOANS: Mapping[str, Text] = {
    "01": Text("Cho vay hộ nghèo", "Loans to poor households"),
    "19": Text("Cho vay hộ cận nghèo", "Loans to near-poor households"),
    "09": Text("Cho vay hộ mới thoát nghèo", "Loans to households newly escaped from poverty"),
}
INSURANCE: Mapping[str, Text] = {
    "TE": Text("Bảo hiểm y tế: trẻ em dưới 6 tuổi", "Health insurance: children under 6"),
    "BT": Text(
        "Bảo hiểm y tế: người hưởng trợ cấp xã hội hằng tháng",
        "Health insurance: persons on social allowance",
    ),
    "HN": Text("Bảo hiểm y tế: hộ nghèo", "Health insurance: poor households"),
    "DT": Text(
        "Bảo hiểm y tế: người dân tộc thiểu số ở vùng khó khăn",
        "Health insurance: ethnic minorities in difficult areas",
    ),
    "DK": Text(
        "Bảo hiểm y tế: người sống ở vùng đặc biệt khó khăn",
        "Health insurance: residents of extremely difficult areas",
    ),
    "XD": Text(
        "Bảo hiểm y tế: người sống ở xã đảo", "Health insurance: residents of island communes"
    ),
    "LH": Text(
        "Bảo hiểm y tế: người hưởng trợ cấp hưu trí xã hội",
        "Health insurance: persons on social pension",
    ),
    "CN": Text("Bảo hiểm y tế: hộ cận nghèo", "Health insurance: near-poor households"),
    "TN": Text(
        "Bảo hiểm y tế: hộ mới thoát nghèo, tỉnh hoặc thành phố hỗ trợ",
        "Health insurance: newly escaped households, supported by a province",
    ),
    "GB": Text(
        "Bảo hiểm y tế: hộ nông, lâm, ngư, diêm nghiệp có mức sống trung bình",
        "Health insurance: farm households of average living standard",
    ),
    "HS": Text("Bảo hiểm y tế: học sinh", "Health insurance: pupils"),
    "SV": Text("Bảo hiểm y tế: sinh viên, học viên", "Health insurance: students"),
    "GD": Text(
        "Bảo hiểm y tế: theo hộ gia đình, tự đóng",
        "Health insurance: household members paying for themselves",
    ),
}
TRAINING: Mapping[str, Text] = {
    **dict.fromkeys(("338.rural", "338.rural_difficult"), _RURAL),
    **{
        f"46.{group}": _SHORT_COURSES
        for group in (
            "disabled",
            "minority",
            "minority_difficult",
            "minority_poor",
            "near_poor",
            "poor",
            "rural",
            "women",
        )
    },
    **{f"ntp.{group}": _NATIONAL for group in ("escaped", "low_income", "near_poor", "poor")},
}
PROGRAMMES: Mapping[str, Text] = {
    f"{branch}.{code}": title
    for branch, titles in (("credit", LOANS), ("insurance", INSURANCE), ("training", TRAINING))
    for code, title in titles.items()
}
