"""What an officer does to an import: open it, send its parts, close, confirm, cancel."""

import hashlib
from uuid import UUID

from libs.common.database import Transaction
from libs.common.ids import new_id
from libs.common.problems import FieldError, Problem, Text, not_found, same_person
from libs.common.security.caller import Caller
from libs.common.security.encryption import Vault
from libs.common.security.roles import Role
from services.registry.imports import page_store, reasons, store
from services.registry.imports.domain import ENDED, ImportState
from services.registry.imports.schemas import ImportIn
from services.registry.imports.store import StoredImport

_STATES = {
    ImportState.SENDING: Text("đang gửi", "being sent"),
    ImportState.READING: Text("đang đọc", "being read"),
    ImportState.CHECKING: Text("đang kiểm tra", "being checked"),
    ImportState.CHECKED: Text("chờ xác nhận", "waiting to be confirmed"),
    ImportState.TAKING: Text("đang ghi", "being taken"),
    ImportState.DONE: Text("đã xong", "done"),
    ImportState.REFUSED: Text("bị từ chối", "refused"),
    ImportState.CANCELLED: Text("đã hủy", "cancelled"),
}


async def open_import(
    tx: Transaction, body: ImportIn, caller: Caller, correlation_id: UUID
) -> StoredImport:
    """Open an import; the same file, while it has not ended, is answered instead."""
    digest = bytes.fromhex(body.digest)
    known = await store.find_same(tx, caller.subject, digest, body.effective_on)
    if known is not None:
        return known
    communes = await store.scope(tx)
    if not communes:
        title = Text("Thẻ không có địa bàn nào.", "The token covers no area.")
        raise Problem(403, "scope.outside", title)
    sent = StoredImport(
        import_id=new_id(),
        caller=caller.subject,
        roles=" ".join(sorted(caller.roles)),
        areas=caller.areas,
        communes=communes,
        purpose=caller.purpose,
        correlation_id=correlation_id,
        digest=digest,
        effective_on=body.effective_on,
        opened_at=tx.recorded_at,
    )
    await store.insert_import(tx, sent)
    return sent


async def keep_part(
    tx: Transaction, vault: Vault, import_id: UUID, part: int, content: bytes
) -> None:
    """Keep a part of the file; the same again changes nothing.

    Raises:
        Problem: 409, another part of this number is there, or the file is closed; 422, it is empty.
    """
    sent = await _get(tx, import_id)
    if not content:
        title = Text("Phần gửi lên không có gì.", "The part is empty.")
        fix = Text("Gửi lại phần này.", "Send the part again.")
        raise Problem(
            422, "import.part_empty", title, [FieldError("/body", "import.part_empty", title, fix)]
        )
    _require(sent, ImportState.SENDING)
    digest = hashlib.sha256(content).digest()
    sealed = vault.keys.seal_bytes(content, f"{import_id}/part/{part}")
    if not await store.keep_part(tx, import_id, part, digest, sealed):
        title = Text("Phần này đã có với nội dung khác.", "The part is there, and another one.")
        fix = Text("Hủy lần nhập này, mở lần mới.", "Cancel this import and open another.")
        raise Problem(
            409, "import.part_taken", title, [FieldError("/part", "import.part_taken", title, fix)]
        )


async def close(tx: Transaction, import_id: UUID, parts: int) -> StoredImport:
    """All parts are sent: reading and checking begin. Repeating it changes nothing."""
    sent = await _get(tx, import_id)
    if sent.state is not ImportState.SENDING and sent.parts == parts:
        return sent
    _require(sent, ImportState.SENDING)
    missing = sorted(set(range(1, parts + 1)) ^ set(await store.parts_of(tx, import_id)))
    if missing:
        named = ", ".join(map(str, missing[:20]))
        title = Text("Các phần của tệp không đủ.", "The file's parts are not those announced.")
        fix = Text(f"Xem lại các phần: {named}.", f"Look at the parts: {named}.")
        raise Problem(
            422, "import.parts", title, [FieldError("/parts", "import.parts", title, fix)]
        )
    await store.move_on(tx, import_id, ImportState.READING, parts=parts)
    return await _get(tx, import_id)


async def confirm(tx: Transaction, import_id: UUID, caller: Caller) -> StoredImport:
    """A person has seen the dry run: what is not refused is taken. Repeating changes nothing.

    Raises:
        Problem: 403, lines change what takes two persons, and this is not the second one.
    """
    sent = await _get(tx, import_id)
    if sent.state in (ImportState.TAKING, ImportState.DONE):
        return sent
    _require(sent, ImportState.CHECKED)
    by_two = is_second(sent, caller)
    if not by_two:
        await _refuse_alone(tx, sent, caller)
    await store.move_on(
        tx, import_id, ImportState.TAKING, confirmed_by=caller.subject, by_two=by_two
    )
    return await _get(tx, import_id)


def is_second(sent: StoredImport, caller: Caller) -> bool:
    """Whether the sender and the caller are the two persons that some lines may take."""
    return Role.CHAIRMAN in caller.roles and caller.subject != sent.caller


def require_reader(sent: StoredImport, caller: Caller) -> None:
    """The lines are for who sent them and for those above; others see how far an import is.

    Raises:
        Problem: 403.
    """
    if caller.subject != sent.caller and not caller.roles & {Role.CHAIRMAN, Role.PROVINCE}:
        rule = "import.of_another"
        title = Text("Tệp này do người khác gửi.", "Somebody else sent this file.")
        fix = Text("Hỏi người gửi hoặc chủ tịch.", "Ask who sent it, or the chairman.")
        raise Problem(403, rule, title, [FieldError("/import_id", rule, title, fix)])


async def _refuse_alone(tx: Transaction, sent: StoredImport, caller: Caller) -> None:
    import_id = sent.import_id
    progress = (await page_store.progress_of(tx, [import_id])).get(import_id)
    if progress is None or not progress.takes_two:
        return
    rule, _, fix = reasons.TAKES_TWO
    lines = progress.takes_two
    title = Text(
        f"Có {lines} dòng đổi thông tin mà hai người mới được quyết định.",
        f"{lines} lines change what takes two persons to decide.",
    )
    if caller.subject == sent.caller:
        raise same_person(title, fix, "/takes_two")
    raise Problem(403, rule, title, [FieldError("/takes_two", rule, title, fix)])


async def cancel(tx: Transaction, import_id: UUID) -> StoredImport:
    """Nothing more is taken; what was taken stays. What was sent is forgotten."""
    sent = await _get(tx, import_id)
    if sent.state is ImportState.CANCELLED:
        return sent
    if sent.state in ENDED:
        raise _wrong_state(sent.state)
    await store.move_on(tx, import_id, ImportState.CANCELLED)
    await store.forget_rows(tx, import_id)
    return await _get(tx, import_id)


async def _get(tx: Transaction, import_id: UUID) -> StoredImport:
    found = await store.find_import(tx, import_id, lock=True)
    if found is None:
        raise not_found("import")
    return found


def _require(sent: StoredImport, state: ImportState) -> None:
    if sent.state is not state:
        raise _wrong_state(sent.state)


def _wrong_state(state: ImportState) -> Problem:
    said = _STATES[state]
    title = Text(f"Lần nhập {said.vi}.", f"The import is {said.en}.")
    fix = Text("Xem tiến độ của lần nhập.", "Look at how far it is.")
    return Problem(409, "import.state", title, [FieldError("/state", "import.state", title, fix)])
