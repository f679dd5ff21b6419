"""Why a line, a household or a file is refused, or what is said of it: each with its code, which
stays the same (docs/imports.md lists them). Pure.
"""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from libs.common.problems import FieldError, Text

Words = tuple[str, Text, Text]
LOOK = Text("Kiểm tra lại; dòng vẫn được ghi.", "Check it; the line is taken all the same.")
UNKNOWN: Words = (
    "household.unknown",
    Text("Không có hộ này trong phạm vi được phép.", "No such household within your areas."),
    Text("Kiểm tra mã hộ; hộ mới thì để trống mã An Sinh.", "Check the id, or leave it empty."),
)
CONTRADICTION: Words = (
    "match.contradiction",
    Text("Các mã trên dòng chỉ hai hộ hoặc hai người khác nhau.", "The ids name different ones."),
    Text("Sửa mã sai, hoặc để trống.", "Mend the wrong one, or leave it empty."),
)
SEVERAL: Words = (
    "match.several_households",
    Text("Có nhiều hộ khớp với dòng này.", "Several households match."),
    Text("Ghi mã hộ An Sinh của hộ đúng.", "Give the An Sinh id of the household meant."),
)
SEVERAL_PERSONS: Words = (
    "match.several_persons",
    Text("Có nhiều người trong hộ khớp với dòng này.", "Several members match."),
    Text("Ghi mã người An Sinh hoặc số định danh.", "Give the person's id or number."),
)
ELSEWHERE: Words = (
    "person.elsewhere",
    Text(
        "Số này đã ghi cho người ngoài hộ này.", "The number is of somebody outside the household."
    ),
    Text("Lập đề nghị thay đổi, hoặc sửa số.", "Make a change request, or mend the number."),
)
DIED: Words = (
    "person.died",
    Text("Người này đã được ghi là đã chết.", "This person is recorded as having died."),
    Text("Bỏ dòng này; nếu ghi nhầm thì hủy đề nghị đó.", "Remove the line, or reverse the death."),
)
NOT_A_MEMBER: Words = (
    "person.not_a_member",
    Text("Người này không thuộc hộ.", "The person is no member of the household."),
    Text("Sửa mã người, hoặc để trống nếu là người mới.", "Mend the id, or leave it empty."),
)
NOBODY_KNOWN: Words = (
    "match.nobody_known",
    Text("Mã hộ đã có, nhưng không ai trong hộ khớp.", "The code is known, but nobody matches."),
    Text("Kiểm tra mã hộ, họ tên và ngày sinh.", "Check the code, the names and the births."),
)
MOVED: Words = (
    "household.moved",
    Text("Hộ đang ở xã khác.", "The household lives in another commune."),
    Text("Làm thủ tục chuyển hộ; tệp không chuyển hộ.", "Move it by its own act, not by a file."),
)
OVERLAPS: Words = (
    "residence.overlap",
    Text("Nơi cư trú chồng thời gian với nơi trước đó.", "It overlaps the residence before it."),
    Text("Để trống ô này, hoặc ghi ngày muộn hơn.", "Leave it empty, or give a later day."),
)
SPLIT: Words = (
    "match.split_household",
    Text(
        "Hộ mang mã này đã tách; người trên dòng đang ở hộ tách ra.",
        "The household of this code was split; who is on the line is in the one split off.",
    ),
    Text("Ghi mã hộ An Sinh của hộ đúng", "Give the An Sinh id of the household meant"),
)
CLOSED: Words = (
    "household.closed",
    Text("Hộ đã đóng, không sửa được nữa.", "The household is closed."),
    Text("Xem hộ mà nó đã nhập vào, hoặc mở lại hộ.", "See what it went to, or reopen it."),
)
TWICE: Words = (
    "household.twice",
    Text("Hộ này nằm ở hai chỗ trong tệp.", "The household stands in two places of the file."),
    Text("Xếp các dòng của hộ liền nhau.", "Put its lines one after the other."),
)
SHARED: Words = (
    "match.shared",
    Text("Hai hộ của tệp khớp với cùng một hộ.", "Two households of the file match the same one."),
    Text("Ghi mã hộ An Sinh của hộ đúng; xem lại số định danh.", "Give its id; check the numbers."),
)
NUMBER_TWICE: Words = (
    "number.twice",
    Text("Số này có ở hai dòng của tệp.", "The number stands on two lines of the file."),
    Text("Sửa hoặc bỏ một trong hai.", "Mend or remove one of them."),
)
TOO_MANY: Words = (
    "import.misses",
    Text(
        "Quá nhiều số trong các tệp gửi 24 giờ qua đã ghi cho người ngoài phạm vi.",
        "Too many numbers in the files of the last 24 hours are of somebody out of sight.",
    ),
    Text(
        "Kiểm tra cột số định danh; gửi lại sau 24 giờ, hoặc nhờ người có địa bàn rộng hơn.",
        "Check the column of numbers; send again after 24 hours, or ask who covers a wider area.",
    ),
)
NUMBERS_DIFFER: Words = (
    "number.two_persons",
    Text("Hai số trên dòng là của hai người.", "The line's numbers are two persons'."),
    Text("Kiểm tra hai số trên giấy tờ.", "Check both numbers on the documents."),
)
CODE_MISSING: Words = (
    "code.missing",
    Text("Không biết dòng này của hộ nào: không có mã hộ.", "Whose line this is is not said."),
    Text(
        "Ghi mã hộ. Chỉ được để trống ở mọi dòng liền sau dòng chủ hộ có mã, cùng hộ, cùng xã.",
        "Give the code. It may be empty only on all lines right below a head's line with a code.",
    ),
)
NOT_TAKEN: Words = (
    "column.not_taken",
    Text("không được ghi: phân loại hộ theo quyết định", "is not taken: classes come by decision"),
    Text("Lập quyết định công nhận cho các hộ này.", "Enter the decision on these households."),
)
DIFFERS: Words = (
    "household.differs",
    Text("Các dòng của hộ ghi khác nhau ở cột này.", "The household's lines differ here."),
    Text("Ghi giống nhau ở mọi dòng, hoặc chỉ ở một dòng.", "Write the same on all, or on one."),
)
AREA_UNKNOWN: Words = (
    "area.unknown",
    Text("Không có xã mang mã này vào ngày đó.", "No commune had this code on that day."),
    Text("Dùng mã xã 5 chữ số của danh mục hành chính.", "Use an official 5-digit code."),
)
OUTSIDE: Words = (
    "scope.outside",
    Text("Xã ngoài phạm vi được phân công.", "The commune is outside your areas."),
    Text("Gửi cho cán bộ phụ trách xã đó.", "Hand it to the officer of that commune."),
)
LARGE: Words = (
    "household.large",
    Text("Hộ có hơn 100 người.", "The household has more than 100 persons."),
    Text("Kiểm tra mã hộ của các dòng này.", "Check the code of these lines."),
)
TAKES_TWO: Words = (
    "import.takes_two",
    Text("Cần người thứ hai", "It needs a second person"),
    Text(
        "Chủ tịch, không phải người gửi, xác nhận lần nhập; hoặc bỏ dòng, lập đề nghị thay đổi.",
        "A chairman who did not send it confirms; or leave it out and make a change request.",
    ),
)
FILE_FAILED: Words = (
    "file.failed",
    Text("Hệ thống không đọc được tệp này.", "We could not read this file."),
    Text("Báo người vận hành, kèm mã lần nhập.", "Tell the operator, naming the import's id."),
)
PAGE_FAILED: Words = (
    "page.failed",
    Text(
        "Một phần của tệp không xử lý được: các dòng của phần đó bị từ chối.",
        "A part of the file could not be worked: its lines are refused.",
    ),
    Text(
        "Báo người vận hành, kèm mã lần nhập; rồi gửi lại tệp.",
        "Tell the operator, naming the import's id; then send the file again.",
    ),
)
FAILED: Words = (
    "line.failed",
    Text("Hệ thống không xử lý được hộ này.", "We could not work this household."),
    Text("Báo người vận hành, kèm mã lần nhập.", "Tell the operator, naming the import's id."),
)


def error_of(column: str, words: Words) -> FieldError:
    """A broken rule of a column; the empty column is the line itself."""
    rule, message, fix = words
    return FieldError(f"/{column}" if column else "", rule, message, fix)


def naming(words: Words, household_ids: Collection[UUID]) -> Words:
    """The same with the households among which the officer is to choose, at most five."""
    rule, message, fix = words
    named = ", ".join(map(str, sorted(household_ids)[:5]))
    return rule, message, Text(f"{fix.vi.rstrip('.')}: {named}.", f"{fix.en.rstrip('.')}: {named}.")


def not_taken(title: str) -> FieldError:
    """Of a column that the form knows and takes nothing from."""
    rule, said, fix = NOT_TAKEN
    message = Text(f"Cột “{title}” {said.vi}.", f"The column “{title}” {said.en}.")
    return FieldError("/file", rule, message, fix)


def reason_of(error: FieldError) -> dict[str, Any]:
    """Why a line is refused, as it is kept: no value of the line."""
    return {
        "column": error.pointer.removeprefix("/") or None,
        "rule": error.rule,
        "message": {"vi": error.message.vi, "en": error.message.en},
        "fix": {"vi": error.fix.vi, "en": error.fix.en},
    }
