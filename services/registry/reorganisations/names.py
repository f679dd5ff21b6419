"""A unit's name with and without the word of its kind. Pure."""

from libs.common.vocabulary import AreaKind
from services.registry.areas.domain import fold

WORDS = {
    AreaKind.PROVINCE: "tỉnh",
    AreaKind.CITY: "thành phố",
    AreaKind.RURAL_COMMUNE: "xã",
    AreaKind.WARD: "phường",
    AreaKind.TOWNSHIP: "thị trấn",
    AreaKind.SPECIAL_ZONE: "đặc khu",
}


def full_name(kind: AreaKind, name: str) -> str:
    """With the word of its kind, as the list of units has names: `Phường Trấn Biên`."""
    if kind not in WORDS or fold(name).startswith(fold(WORDS[kind]) + " "):
        return name
    return f"{WORDS[kind].capitalize()} {name}"


def bare_name(kind: AreaKind, name: str) -> str:
    """Without that word, which changes with the kind."""
    word = WORDS.get(kind, "")
    is_first = fold(name).startswith(fold(word) + " ")
    return " ".join(name.split()[len(word.split()) :]) if word and is_first else name
