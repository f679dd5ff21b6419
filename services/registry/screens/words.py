"""How people read the registry's own word lists."""

from libs.common.problems import Text
from libs.common.service import Words
from services.registry.vault.domain import IdentifierType

WORDS: Words = {
    IdentifierType: {
        "UIN": Text("Định danh", "Personal no."),
        "NIN": Text("CMND", "Old identity card"),
        "INSURANCE_NUMBER": Text("BHXH", "Insurance no."),
        "BRN": Text("Khai sinh", "Birth certificate"),
        "MRN": Text("Kết hôn", "Marriage certificate"),
        "DRN": Text("Chứng tử", "Death certificate"),
    },
}
