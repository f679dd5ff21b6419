"""What is said of a line that breaks a rule: why, and what to do."""

from dataclasses import asdict
from typing import Any

from libs.common.files.refusals import CELLS
from libs.common.problems import FieldError, Text
from services.registry.reorganisations.domain import Fault
from services.registry.reorganisations.form import TITLES

_RULES = {
    "level.word": (
        Text("Không hiểu cấp đơn vị.", "The level is not understood."),
        Text("Ghi “tỉnh” hoặc “xã”.", "Write “tỉnh” (province) or “xã” (commune)."),
    ),
    "kind.word": (
        Text("Không hiểu loại đơn vị.", "The kind is not understood."),
        Text(
            "Ghi “xã”, “phường”, “thị trấn”, “đặc khu”, “tỉnh” hoặc “thành phố”.",
            "Write “xã”, “phường”, “thị trấn”, “đặc khu”, “tỉnh” or “thành phố”.",
        ),
    ),
    "kind.level": (
        Text("Loại này không thuộc cấp này.", "There is no such kind on this level."),
        Text("Sửa loại hoặc cấp.", "Mend the kind or the level."),
    ),
    "code.digits": (
        Text("Mã không đúng số chữ số của cấp.", "The code has not the level's number of digits."),
        Text(
            "Mã tỉnh 2 chữ số, mã xã 5 chữ số; định dạng cột là Văn bản để giữ số 0 đầu.",
            "2 digits for a province, 5 for a commune; as Text, so that leading zeros stay.",
        ),
    ),
    "parent.digits": (
        Text("Mã cấp trên không đúng.", "The code of the unit above is malformed."),
        Text("Ghi mã tỉnh, 2 chữ số.", "Write the province's code, 2 digits."),
    ),
    "old.unknown": (
        Text(
            "Không có đơn vị mang mã này vào ngày trước ngày có hiệu lực.",
            "No unit bears this code on the day before the day in force.",
        ),
        Text("Kiểm tra mã cũ và ngày có hiệu lực.", "Check the old code and the day in force."),
    ),
    "old.later_known": (
        Text(
            "Đã biết đơn vị này chấm dứt vào một ngày sau đó.",
            "The unit is known to end on a later day.",
        ),
        Text("Kiểm tra ngày có hiệu lực.", "Check the day in force."),
    ),
    "old.other_successors": (
        Text(
            "Danh mục đã ghi đơn vị này chuyển thành: {codes}.",
            "The list of units has it succeeded by: {codes}.",
        ),
        Text(
            "Ghi đủ và đúng các đơn vị đó, mỗi đơn vị một dòng.",
            "Name exactly those, a line for each.",
        ),
    ),
    "old.left_over": (
        Text(
            "Cấp trên chấm dứt và chia nhiều nơi, nhưng tệp không nói đơn vị {code} về đâu.",
            "The unit above ends and is divided, but the file leaves {code} over.",
        ),
        Text("Thêm một dòng cho đơn vị đó.", "Add a line for that unit."),
    ),
    "new.code_in_use": (
        Text(
            "Mã mới đang là mã của một đơn vị mà tệp không nhắc đến.",
            "The new code is borne by a unit that the file does not name.",
        ),
        Text(
            "Thêm dòng cho đơn vị đó (mã cũ = mã mới), hoặc sửa mã.",
            "Add a line for that unit (old code = new code), or mend the code.",
        ),
    ),
    "new.defined_twice": (
        Text(
            "Đơn vị mới được ghi khác nhau ở hai dòng.",
            "The new unit is stated in two different ways.",
        ),
        Text("Ghi giống nhau, hoặc chỉ ghi ở một dòng.", "State it alike, or in one line only."),
    ),
    "new.differs_from_list": (
        Text(
            "Khác với danh mục đã ghi nhận: {listed}.", "Differs from the list of units: {listed}."
        ),
        Text("Sửa theo danh mục, hoặc để trống.", "Write what is listed, or leave it empty."),
    ),
    "parent.unknown": (
        Text(
            "Không có đơn vị cấp trên mang mã này vào ngày có hiệu lực.",
            "No unit above bears this code on the day in force.",
        ),
        Text(
            "Sửa mã, hoặc thêm dòng cho đơn vị cấp trên mới.",
            "Mend the code, or add a line for the new unit above.",
        ),
    ),
    "designation.word": (
        Text("Không hiểu diện của xã mới.", "The new unit's designation is not understood."),
        Text(
            "Ghi “xã nghèo”, “vùng khó khăn”, “xã đặc biệt khó khăn”, “xã đảo” (cách nhau dấu chấm "
            "phẩy), “không” nếu không còn, hoặc để trống nếu chưa có văn bản.",
            "Write “xã nghèo”, “vùng khó khăn”, “xã đặc biệt khó khăn”, “xã đảo”, parted by "
            "semicolons; “không” where none goes on; nothing where no document says it yet.",
        ),
    ),
    "designation.level": (
        Text("Chỉ xã mới có diện.", "Only communes are designated."),
        Text("Bỏ cột này ở dòng tỉnh.", "Leave it out of a province's line."),
    ),
    "village.level": (
        Text("Chỉ xã mới chia theo thôn.", "Only communes are divided by village."),
        Text("Bỏ tên thôn.", "Leave the village out."),
    ),
    "village.twice": (
        Text("Thôn được ghi hai lần.", "The village stands twice."),
        Text("Chỉ giữ một dòng cho mỗi thôn.", "Keep one line for each village."),
    ),
    "line.twice": (
        Text("Dòng này đã có ở trên.", "The line repeats an earlier one."),
        Text("Bỏ một dòng.", "Remove one of them."),
    ),
}


def error_of(fault: Fault) -> FieldError:
    """A fault with its cell: `/lines/7/new_code`."""
    message, fix = _RULES.get(fault.rule) or CELLS[fault.rule]
    title = TITLES.get(fault.column)
    where = f"Dòng {fault.line}", f"Line {fault.line}"
    if title is not None:
        where = f"{where[0]}, ô “{title}”", f"{where[1]}, cell “{title}”"
    pointer = f"/lines/{fault.line}" + (f"/{fault.column}" if fault.column else "")
    said = Text(
        f"{where[0]}: {message.vi.format(**fault.facts)}",
        f"{where[1]}: {message.en.format(**fault.facts)}",
    )
    return FieldError(pointer, fault.rule, said, fix)


def reason_of(fault: Fault) -> dict[str, Any]:
    """As it is kept beside the line."""
    return asdict(error_of(fault))
