"""What a service holds of a person, as its store declares it: sections with their statements."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from libs.common.citizens.schemas import ColumnOut, SectionOut, WordsOut
from libs.common.problems import Text
from libs.common.vocabulary import Disability, Employment, Relation, Schooling, Sex
from libs.common.wording import ETHNICITY_WORDS, WORDS

MOST_ROWS = 1_000

# Begins the statement of a section: $1 the person, $2-$4 its stays. What was so of a household
# before the person came, or after it left, is other people's.
STAYS = f"""
WITH asked AS (SELECT $1::uuid AS person_id), stay AS (
  SELECT household_id, daterange(from_day, until) AS days
  FROM unnest($2::uuid[], $3::date[], $4::date[]) AS stays(household_id, from_day, until)
), most AS (SELECT {MOST_ROWS + 1} AS rows)
"""


class Kind(StrEnum):
    """How a column's values are read."""

    TEXT = "text"
    CODE = "code"  # of `words`, or of the law
    ID = "id"
    DAY = "day"
    UNTIL = "until"  # the first day on which it is so no more
    INSTANT = "instant"
    NUMBER = "number"
    MONEY = "money"  # đồng
    FLAG = "flag"
    SAID = "said"  # a sentence in both languages


@dataclass(frozen=True)
class Column:
    """A column of a section, as the statement names it."""

    name: str
    title: Text
    kind: Kind = Kind.TEXT
    words: Mapping[str, Text] = field(default_factory=dict)

    def out(self) -> ColumnOut:
        return ColumnOut(
            name=self.name,
            title=WordsOut.of(self.title),
            kind=self.kind,
            words={code: WordsOut.of(text) for code, text in self.words.items()},
        )


@dataclass(frozen=True)
class Section:
    """One kind of thing that a service holds of a person.

    Attributes:
        statement: begins with `STAYS`, ends in `LIMIT (SELECT rows FROM most)`; empty where the
            rows are made otherwise.
        telling: makes a row of what the statement found.
        dated_by: of which day or instant the commune's code is: its column; of today where a row
            has none, as where the code follows the household.
    """

    name: str
    title: Text
    columns: tuple[Column, ...]
    statement: str = ""
    telling: Callable[[Mapping[str, object]], Mapping[str, object]] = dict
    dated_by: str = "recorded_at"

    def out(self, rows: Sequence[Mapping[str, object]], *, is_whole: bool = True) -> SectionOut:
        return SectionOut(
            name=self.name,
            title=WordsOut.of(self.title),
            columns=[column.out() for column in self.columns],
            rows=[
                {column.name: row[column.name] for column in self.columns}
                for row in map(self.telling, rows)
            ],
            is_whole=is_whole,
        )


def code(name: str, vi: str, en: str, words: Mapping[str, Text] | None = None) -> Column:
    """A column of codes."""
    return Column(name, Text(vi, en), Kind.CODE, words or {})


# As most sections have them.
HOUSEHOLD = Column("household_id", Text("Hộ", "Household"), Kind.ID)
COMMUNE = Column("commune", Text("Mã xã", "Commune's code"))
COMMUNE_NAME = Column("commune_name", Text("Xã", "Commune"))  # put beside each code
FROM = Column("from_day", Text("Từ ngày", "From"), Kind.DAY)
UNTIL = Column("until", Text("Đến hết ngày", "To"), Kind.UNTIL)
DOCUMENT = Column("document", Text("Văn bản", "Document"))
CONFIRMED = Column("is_confirmed", Text("Căn cứ đã xác minh", "Ground confirmed"), Kind.FLAG)
RECORDED = Column("recorded_at", Text("Ghi nhận lúc", "Recorded at"), Kind.INSTANT)
RECORDED_BY = Column("recorded_by", Text("Người ghi", "Recorded by"))
SUPERSEDED = Column("superseded_at", Text("Được thay lúc", "Replaced at"), Kind.INSTANT)
# A right: over which days, on what ground, and when that was recorded.
GROUNDED = (FROM, UNTIL, DOCUMENT, CONFIRMED, RECORDED, SUPERSEDED)
# What is held of a person as a member of a household, wherever it is held.
MEMBER_FACTS = (
    code("relation", "Quan hệ với chủ hộ", "Relation", WORDS[Relation]),
    Column("birth_date", Text("Ngày sinh", "Born on"), Kind.DAY),
    Column("birth_year", Text("Năm sinh", "Born in")),
    code("sex", "Giới tính", "Sex", WORDS[Sex]),
    code(
        "ethnicity",
        "Dân tộc",
        "Ethnicity",
        {slug: Text(word, word) for slug, word in ETHNICITY_WORDS.items()},
    ),
    code("disability", "Khuyết tật", "Disability", WORDS[Disability]),
    code("schooling", "Đi học", "Schooling", WORDS[Schooling]),
    code("employment", "Việc làm", "Work", WORDS[Employment]),
    Column("has_pension", Text("Lương hưu, trợ cấp", "Pension"), Kind.FLAG),
    Column("is_low_income_worker", Text("Lao động thu nhập thấp", "Low-income worker"), Kind.FLAG),
)
