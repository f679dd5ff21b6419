"""The households that the year is told of, as lines of the spreadsheet. No person is meant."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from ansinh.demo.register.desk import AN_THANG, NGHIEN_LOAN, XUAN_LA

_FIRST_SERIAL = 990_000  # of personal numbers: beyond what the generator gives


@dataclass(frozen=True)
class Relative:
    """A line of a household; `number` is the personal number, empty where there is none."""

    name: str
    relation: str
    born: date
    sex: str
    number: str
    work: str = ""


@dataclass(frozen=True)
class Family:
    """A household, by the province's own code."""

    code: str
    commune: str
    ethnicity: str
    village: str
    members: tuple[Relative, ...]

    def lines(self) -> list[list[str]]:
        """Its lines under the spreadsheet's header."""
        return [
            [
                self.code,
                self.commune,
                "Có",
                one.name,
                one.relation,
                f"{one.born:%d/%m/%Y}",
                one.sex,
                self.ethnicity,
                one.number,
                "",
                self.village,
                "",
                "",
                one.work,
                "",
            ]
            for one in self.members
        ]

    def number_of(self, name: str) -> str:
        """The personal number of a member."""
        return next(one.number for one in self.members if one.name == name)


# Code, commune, ethnicity, village; then name, relation, birth, sex, work; `-`: has no number yet.
_TOLD = f"""
NL-01 {NGHIEN_LOAN} Mông Thôn Khuổi Muổng
  Lý A Páo         | Chủ hộ   | 1985-03-14 | Nam | Làm nông
  Sùng Thị Mỷ      | Vợ/chồng | 1988-10-02 | Nữ  | Làm nông
  Lý Thị Nga       | Con      | 2012-06-20 | Nữ  |
NL-02 {NGHIEN_LOAN} Nùng Thôn Nà Vài
  Nông Văn Hùng    | Chủ hộ   | 1962-01-30 | Nam | Làm nông
  Vi Thị Bích      | Vợ/chồng | 1964-08-11 | Nữ  | Làm nông
  Nông Văn Quân    | Con      | 1995-05-05 | Nam | Làm nông
  Lương Thị Hoa    | Khác     | 1997-12-24 | Nữ  | Làm nông
  Nông Minh Khánh  | Cháu     | 2020-09-09 | Nam |
NL-03 {NGHIEN_LOAN} Tày Thôn Pác Liển
  Hoàng Văn Lâm    | Chủ hộ   | 1979-04-17 | Nam | Làm nông
  Ma Thị Duyên     | Vợ/chồng | 1981-02-08 | Nữ  | Làm nông
  Hoàng Thu Hiền   | Con      | 2010-03-21 | Nữ  |
XL-01 {XUAN_LA} Tày Thôn Nặm Nhả
  Hoàng Văn Thắng  | Chủ hộ   | 1958-07-19 | Nam | Làm nông
  Nông Thị Lan     | Vợ/chồng | 1960-11-03 | Nữ  | Làm nông
  Hoàng Văn Tuấn   | Con      | 1998-02-27 | Nam | Làm nông
XL-02 {XUAN_LA} Dao Thôn Khuổi Bốc
  Bàn Văn Sơn      | Chủ hộ   | 1983-09-15 | Nam | Làm nông
  Triệu Thị Mùi    | Vợ/chồng | 1986-04-28 | Nữ  | Làm nông
  Bàn Văn Đạt      | Con      | 2009-01-12 | Nam |
XL-03 {XUAN_LA} Dao Thôn Khuổi Bốc
  Đặng Văn Phúc    | Chủ hộ   | 1957-05-25 | Nam | Làm nông
  Phùng Thị Yến    | Vợ/chồng | 1959-06-06 | Nữ  | Làm nông
  Đặng Thị Ngân    | Cháu     | 2016-11-18 | Nữ  | -
AT-01 {AN_THANG} Dao Thôn Tân Hội
  Triệu Văn Kiên   | Chủ hộ   | 1974-12-01 | Nam | Làm nông
  Chảo Thị Sen     | Vợ/chồng | 1976-03-09 | Nữ  | Làm nông
  Triệu Thị Mai    | Con      | 2001-08-30 | Nữ  | Làm nông
AT-02 {AN_THANG} Dao Thôn Phiêng Pẻn
  Lý Văn Thàng     | Chủ hộ   | 1981-10-10 | Nam | Làm nông
  Bàn Thị Thảo     | Vợ/chồng | 1984-07-07 | Nữ  | Làm nông
  Lý Văn Vinh      | Con      | 2013-05-16 | Nam |
AT-03 {AN_THANG} Dao Thôn Phiêng Pẻn
  Đặng Văn Long    | Chủ hộ   | 1988-02-20 | Nam | Làm nông
  Lý Thị Trang     | Vợ/chồng | 1990-09-29 | Nữ  | Làm nông
  Đặng Thị Ngân    | Con      | 2016-11-18 | Nữ  |
"""


def _read() -> Iterator[Family]:
    serial = _FIRST_SERIAL
    heads: list[tuple[str, list[Relative]]] = []
    for line in _TOLD.strip().splitlines():
        if not line.startswith(" "):
            heads.append((line, []))
            continue
        name, relation, born, sex, work = (cell.strip() for cell in line.split("|"))
        serial += 1
        day = date.fromisoformat(born)
        number = "" if work == "-" else personal_number(day, sex, serial)
        heads[-1][1].append(Relative(name, relation, day, sex, number, work.strip("-")))
    for head, members in heads:
        code, commune, ethnicity, village = head.split(" ", 3)
        yield Family(code, commune, ethnicity, village, tuple(members))


def personal_number(born: date, sex: str, serial: int) -> str:
    """A number of 12 digits that agrees with birth and sex; 006 is Bắc Kạn."""
    mark = (0 if born.year < 2000 else 2) + (sex == "Nữ")
    return f"006{mark}{born:%y}{serial:06d}"


FAMILIES = {family.code: family for family in _read()}
