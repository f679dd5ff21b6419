"""`ansinh import FILE`, `ansinh export FILE`: an officer's spreadsheet in and out, with a bar.

Stopped anywhere and run again, an import goes on where it was: the same file is the same import
until it has ended, and parts that are there are not sent again. `ANSINH_URL` says where the
registry is, as for `ansinh ops`; `ANSINH_TOKEN` is the officer's token.
"""

import asyncio
import hashlib
import os
import sys
from collections.abc import Callable, Coroutine, Iterator
from datetime import date
from pathlib import Path
from typing import Any, NoReturn

import httpx
import typer

from ansinh.ops.client import EMBEDDED, Unanswered, address_of, refusal, unreachable
from ansinh.ops.printing import progress_bar, unanswered
from libs.common.problems import Text
from libs.common.web.description import PURPOSE_HEADER

PART = 8 * 1024 * 1024
_REFUSED, _INTERRUPTED = 2, 130
_REGISTER = "register"  # the purpose of a file of households: keeping the register
_SECONDS, _POLL_SECONDS = 120.0, 0.5
_PHASES = {
    "reading": ("Đọc / reading", "read"),
    "checking": ("Kiểm tra / checking", "checked"),
    "taking": ("Ghi / taking", "taken"),
}
_COUNTS = {
    "registered": "đăng ký mới / registered",
    "corrected": "cập nhật / corrected",
    "unchanged": "không đổi / unchanged",
    "refused": "từ chối / refused",
}


def client_of_environment() -> httpx.AsyncClient:
    """The registry that `ANSINH_URL` names, under `ANSINH_TOKEN`.

    Raises:
        Unanswered: no token is set.
    """
    token = os.environ.get("ANSINH_TOKEN")
    if not token:
        title = Text("Cần ANSINH_TOKEN: thẻ của cán bộ.", "ANSINH_TOKEN is needed: an officer's.")
        raise Unanswered("registry", 401, title)
    base = address_of(os.environ.get("ANSINH_URL") or EMBEDDED, "registry")
    headers = {"Authorization": f"Bearer {token}"}
    return httpx.AsyncClient(base_url=f"{base}/v1", headers=headers, timeout=_SECONDS)


def run(act: Callable[[httpx.AsyncClient], Coroutine[Any, Any, int]]) -> NoReturn:
    """Run one act as the officer of the environment, and exit with its code.

    A refusal is said in both languages; its exit code is 2. Interrupted, nothing is lost.
    """

    async def main() -> int:
        async with client_of_environment() as client:
            return await act(client)

    try:
        code = asyncio.run(main())
    except Unanswered as error:
        for line in unanswered(error):
            print(line, file=sys.stderr)
        code = _REFUSED
    except KeyboardInterrupt:
        print("\nChạy lại lệnh này để tiếp tục / run it again to go on.", file=sys.stderr)
        code = _INTERRUPTED
    raise typer.Exit(code)


async def import_file(
    client: httpx.AsyncClient,
    path: Path,
    effective_on: date,
    confirm: Callable[[], bool],
    *,
    poll_seconds: float = _POLL_SECONDS,
) -> int:
    """Send a file, wait for its dry run, ask, and wait until it is taken.

    Args:
        client: at the registry's public API.
        path: a CSV or an XLSX.
        effective_on: the day from which the list counts.
        confirm: asked once the dry run is done; false leaves it to be confirmed later.
        poll_seconds: between two looks at how far it is.

    Returns:
        The exit code: 0 taken or left as asked, 1 lines or the file were refused.
    """
    one = await _open(client, path, effective_on)
    at = f"imports/{one['import_id']}"
    if one["state"] == "sending":
        one = await _send(client, path, at)
    one = await _follow(client, at, one, poll_seconds)
    if one["state"] == "checked":
        _tell(one)
        await _keep_report(client, path, at, one)
        if one["takes_two"]:
            print("Chờ chủ tịch xác nhận / waits for a chairman who did not send it.")
        if one["takes_two"] or not confirm():
            print(f"Chưa ghi / not taken: {one['import_id']}")
            return 0
        one = await call(client, "POST", f"{at}/confirm")
        one = await _follow(client, at, one, poll_seconds)
    _tell(one)
    await _keep_report(client, path, at, one)
    return int(one["state"] != "done" or one["counts"]["refused"] > 0)


async def cancel_import(client: httpx.AsyncClient, path: Path, effective_on: date) -> int:
    """Give up the import of this file that has not ended."""
    one = await _open(client, path, effective_on)
    one = await call(client, "POST", f"imports/{one['import_id']}/cancel")
    _tell(one)
    return 0


async def export_file(
    client: httpx.AsyncClient, path: Path, commune: str | None, purpose: str | None
) -> int:
    """The households of the officer's areas, or of a commune, to a file as its name ends."""
    query = {"format": path.suffix.removeprefix(".").lower()}
    if commune:
        query["commune"] = commune
    headers = {PURPOSE_HEADER: purpose} if purpose else {}
    half_done = path.with_name(f"{path.name}.part")
    size = 0
    async with client.stream("GET", "exports/households", params=query, headers=headers) as answer:
        if answer.is_error:
            await answer.aread()
            raise refusal("registry", answer)
        with half_done.open("wb") as file:
            async for piece in answer.aiter_bytes():
                size += len(piece)
                await asyncio.to_thread(file.write, piece)
                draw(f"{size:,} byte")
    half_done.replace(path)
    print(f"\n{path}")
    return 0


async def _open(client: httpx.AsyncClient, path: Path, effective_on: date) -> Any:
    digest = await asyncio.to_thread(_digest, path)
    body = {"digest": digest, "effective_on": effective_on.isoformat()}
    return await call(client, "POST", "imports", json=body)


async def _send(client: httpx.AsyncClient, path: Path, at: str) -> Any:
    total = _count_parts(path)
    there: set[int] = set()
    for number, part in enumerate(_parts(path), 1):
        if number not in there:
            answer = await call(client, "PUT", f"{at}/parts/{number}", content=part)
            there = set(answer["parts"])
        draw(progress_bar("Gửi / sending", number, total))
    print()
    return await call(client, "POST", f"{at}/close", json={"parts": total})


async def _follow(client: httpx.AsyncClient, at: str, one: Any, poll_seconds: float) -> Any:
    """Draw how far it is until it waits for a person or has ended."""
    shown = None
    while (phase := _PHASES.get(one["state"])) is not None:
        title, counted = phase
        if shown not in (None, title):
            print()
        shown = title
        draw(progress_bar(title, one["progress"][counted], one["lines"]))
        await asyncio.sleep(poll_seconds)
        one = await call(client, "GET", at)
    if shown is not None:
        print()
    return one


async def _keep_report(client: httpx.AsyncClient, path: Path, at: str, one: Any) -> None:
    """The refused lines beside the file, to be mended and sent again."""
    if not one["counts"]["refused"] or one["state"] not in ("checked", "done"):
        return
    form = path.suffix.removeprefix(".").lower()
    report = path.with_name(f"{path.stem}.tu-choi{path.suffix}")
    asked, headers = {"format": form}, {PURPOSE_HEADER: _REGISTER}
    async with client.stream("GET", f"{at}/report", params=asked, headers=headers) as answer:
        if answer.is_error:
            await answer.aread()
            raise refusal("registry", answer)
        with report.open("wb") as file:
            async for piece in answer.aiter_bytes():
                await asyncio.to_thread(file.write, piece)
    print(f"Dòng bị từ chối / refused lines: {report}")


async def call(client: httpx.AsyncClient, method: str, path: str, **content: Any) -> Any:
    """One call of the registry.

    Raises:
        Unanswered: it was refused, or nobody answered.
    """
    try:
        answer = await client.request(method, path, **content)
    except httpx.HTTPError as error:
        raise unreachable("registry", error) from None
    if answer.is_error:
        raise refusal("registry", answer)
    return answer.json()


def _tell(one: Any) -> None:
    counts = ", ".join(f"{word}: {one['counts'][name]:,}" for name, word in _COUNTS.items())
    print(f"{one['import_id']}  {one['state']}  {counts}")
    for problem in (*one["problems"], *one["notices"]):
        for language in ("vi", "en"):
            print(f"    {problem['message'][language]} {problem['fix'][language]}")


def draw(line: str) -> None:
    """Over the line before; nothing where nobody watches."""
    if sys.stdout.isatty():
        print(f"\r{line}\033[K", end="", flush=True)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _count_parts(path: Path) -> int:
    return max(-(-path.stat().st_size // PART), 1)


def _parts(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while part := file.read(PART):
            yield part
