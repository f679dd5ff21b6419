"""Why a file, or a cell of it, is refused: which one, which rule, and what to do. Pure."""

from collections.abc import Sequence

from libs.common.problems import FieldError, Problem, Text

HEADER = Text("Không nhận ra dòng tiêu đề của tệp.", "The file's header row is not recognised.")
_UNREADABLE = Text("Không đọc được tệp.", "The file cannot be read.")

_TO_UNICODE = Text(
    "Chuyển mã sang Unicode (vd. bằng Unikey), lưu lại, gửi lại.",
    "Convert it to Unicode (e.g. by Unikey), save it and send it again.",
)

_FILE = {
    "file.empty": (
        Text("Tệp không có dòng dữ liệu nào.", "The file holds no line."),
        Text("Gửi tệp có dòng tiêu đề và dữ liệu.", "Send a header row and lines below it."),
    ),
    "file.utf16": (
        Text("Tệp CSV ở mã UTF-16.", "The CSV is in UTF-16."),
        Text("Lưu lại dạng CSV UTF-8, hoặc gửi XLSX.", "Save it as CSV UTF-8, or send XLSX."),
    ),
    "file.encoding": (
        Text(
            "Tệp CSV không phải mã UTF-8 (có thể là TCVN3/ABC, VNI hoặc Windows-1258).",
            "The CSV is not UTF-8 (perhaps TCVN3/ABC, VNI or Windows-1258).",
        ),
        Text(
            "Chuyển mã sang Unicode, lưu dạng CSV UTF-8, hoặc gửi XLSX.",
            "Convert it to Unicode and save it as CSV UTF-8, or send XLSX.",
        ),
    ),
    "file.tcvn3": (
        Text("Chữ trong tệp ở mã TCVN3 (ABC).", "The file's letters are in TCVN3 (ABC)."),
        _TO_UNICODE,
    ),
    "file.vni": (
        Text("Chữ trong tệp ở mã VNI.", "The file's letters are in VNI."),
        _TO_UNICODE,
    ),
    "file.old_excel": (
        Text("Tệp ở dạng .xls cũ.", "The file is an old .xls."),
        Text("Lưu lại dạng .xlsx.", "Save it as .xlsx."),
    ),
    "file.protected": (
        Text("Tệp được đặt mật khẩu.", "The file is encrypted."),
        Text("Bỏ mật khẩu rồi gửi lại.", "Take the password off and send it again."),
    ),
    "file.broken": (
        Text("Tệp hỏng hoặc không phải XLSX.", "The file is damaged, or no XLSX."),
        Text("Mở bằng Excel, lưu lại dạng .xlsx.", "Open it in Excel and save it as .xlsx."),
    ),
    "file.inflates": (
        Text("Tệp nén phình quá lớn.", "The compressed file unpacks to too much."),
        Text("Chia nhỏ tệp; bỏ hình ảnh, trang tính thừa.", "Split it; drop images and sheets."),
    ),
    "file.long": (
        Text("Tệp có quá nhiều dòng.", "The file has too many lines."),
        Text(
            "Xóa dòng trống ở cuối; chia thành nhiều tệp.",
            "Delete empty rows at its end; split it into several files.",
        ),
    ),
    "file.blank": (
        Text(
            "Từ dòng {place} là rất nhiều dòng trống.", "A great many rows from {place} are empty."
        ),
        Text("Xóa các dòng trống rồi gửi lại.", "Delete the empty rows and send it again."),
    ),
    "file.answer": (
        Text(
            "Có hơn {most} dòng, quá nhiều cho một tệp.",
            "There are more than {most} lines, too many for one file.",
        ),
        Text(
            "Chọn ít xã, ít ngày hơn; tệp CSV chứa được nhiều dòng hơn XLSX.",
            "Ask for fewer communes or days; a CSV may hold more lines than an XLSX.",
        ),
    ),
    "file.wide": (
        Text("Dòng tiêu đề có quá nhiều cột.", "The header has too many columns."),
        Text("Chỉ giữ các cột của mẫu.", "Keep the form's columns only."),
    ),
    "file.merged": (
        Text("Có ô gộp trong vùng dữ liệu: {place}.", "Cells are merged among the lines: {place}."),
        Text("Bỏ gộp ô, ghi giá trị vào từng dòng.", "Unmerge, and write each line's own value."),
    ),
}
CELLS = {
    "cell.formula": (
        Text("Ô chứa công thức.", "The cell holds a formula."),
        Text("Dán giá trị thay cho công thức.", "Paste its value instead."),
    ),
    "cell.error": (
        Text("Ô chứa lỗi của Excel.", "The cell holds an error of Excel."),
        Text("Ghi lại giá trị của ô.", "Write the cell's value again."),
    ),
    "cell.became_day": (
        Text("Excel đã đổi ô này thành ngày.", "Excel has made a day of this cell."),
        Text("Định dạng cột là Văn bản, ghi lại.", "Format the column as Text, write it again."),
    ),
    "cell.digits": (
        Text("Số quá dài, Excel đã làm tròn.", "The number is too long: Excel has rounded it."),
        Text("Định dạng cột là Văn bản, ghi lại.", "Format the column as Text, write it again."),
    ),
    "cell.long": (
        Text("Ô quá dài.", "The cell is too long."),
        Text("Rút ngắn nội dung.", "Shorten it."),
    ),
    "cell.control": (
        Text("Ô có ký tự điều khiển.", "The cell holds a control character."),
        Text("Bỏ ký tự không in được.", "Remove what cannot be printed."),
    ),
    "cell.tcvn3": (
        Text("Chữ trong ô ở mã TCVN3 (ABC).", "The cell's letters are in TCVN3 (ABC)."),
        _TO_UNICODE,
    ),
    "cell.vni": (
        Text("Chữ trong ô ở mã VNI.", "The cell's letters are in VNI."),
        _TO_UNICODE,
    ),
    "line.quotes": (
        Text(
            "Dấu nháy kép chưa đóng, hoặc xuống dòng trong ô.",
            "A quotation mark is not closed, or a cell goes over the line's end.",
        ),
        Text("Ghi mỗi dòng dữ liệu trên một dòng.", "Write each line on one line."),
    ),
    "line.width": (
        Text("Dòng có nhiều ô hơn tiêu đề.", "The line has more cells than the header."),
        Text("Bỏ ô thừa, hoặc đặt ô có dấu phân cách trong nháy kép.", "Remove or quote it."),
    ),
    "day.unreadable": (
        Text("Không đọc được ngày.", "The day cannot be read."),
        Text("Ghi ngày dạng 25/05/2022 hoặc 2022-05-25.", "Write 25/05/2022 or 2022-05-25."),
    ),
    "number.unreadable": (
        Text("Không phải số nguyên.", "It is no whole number."),
        Text("Ghi số nguyên, ví dụ 35000000 hoặc 35.000.000.", "Write 35000000 or 35.000.000."),
    ),
    "id.unreadable": (
        Text("Không phải mã (UUID).", "It is no id (UUID)."),
        Text("Chép nguyên mã từ tệp của An Sinh.", "Copy the id from the file of An Sinh."),
    ),
    "cell.missing": (
        Text("Thiếu giá trị.", "A value is missing."),
        Text("Ghi giá trị vào ô này.", "Fill the cell."),
    ),
}


def cell_error(pointer: str, rule: str) -> FieldError:
    """One broken rule of one cell or line."""
    return FieldError(pointer, rule, *CELLS[rule])


def refused(rule: str, **facts: object) -> Problem:
    """The refusal of a whole file."""
    message, fix = _FILE[rule]
    said = Text(message.vi.format(**facts), message.en.format(**facts))
    return Problem(422, rule, _UNREADABLE, [FieldError("/file", rule, said, fix)])


def no_header(titles: Sequence[str]) -> Problem:
    """No row holds the titles that are needed."""
    named = ", ".join(f"“{title}”" for title in titles)
    message = Text(
        f"Không thấy dòng tiêu đề có cột {named} trong 20 dòng đầu (trang tính đầu tiên).",
        f"None of the first 20 rows (of the first sheet) is a header with {named}.",
    )
    fix = Text(
        "Dùng đúng tên cột của mẫu, chữ tiếng Việt Unicode.",
        "Use the form's titles, in Vietnamese Unicode letters.",
    )
    return Problem(
        422, "file.header", HEADER, [FieldError("/file", "header.missing", message, fix)]
    )


def title_unknown(number: int, place: int, titles: Sequence[str]) -> FieldError:
    message = Text(
        f"Ô {cell_name(number, place)}: không có cột này trong mẫu.",
        f"Cell {cell_name(number, place)}: the form has no such column.",
    )
    named = ", ".join(titles)
    fix = Text(f"Bỏ cột này, hoặc sửa tên: {named}.", f"Remove it, or mend its title: {named}.")
    return FieldError(f"/lines/{number}", "header.unknown", message, fix)


def title_twice(number: int, place: int, title: str) -> FieldError:
    message = Text(
        f"Ô {cell_name(number, place)}: cột “{title}” có hai lần.",
        f"Cell {cell_name(number, place)}: the column “{title}” is there twice.",
    )
    return FieldError(
        f"/lines/{number}", "header.twice", message, Text("Chỉ giữ một cột.", "Keep one of them.")
    )


def cell_name(number: int, place: int) -> str:
    """As a sheet names it: row 17, place 2 is `C17`."""
    letters = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return f"{letters}{number}"
