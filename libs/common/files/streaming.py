"""Tables that leave in parts, so that neither side holds them whole.

A CSV goes page by page as it is read; an XLSX, whose table of contents comes last, is written to a
temporary file first.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from tempfile import TemporaryFile

from fastapi.responses import StreamingResponse

from libs.common.files.writing import (
    MEDIA_TYPES,
    CsvWriter,
    Format,
    Value,
    download_headers,
    write_pages,
)

_PIECE = 256 * 1024
_MOST_XLSX = 1_000_000

Pages = AsyncIterator[Sequence[Sequence[Value]]]


def stream_download(
    form: Format, name: str, titles: Sequence[str], pages: Pages
) -> StreamingResponse:
    """The answer that carries a table, in parts.

    Args:
        form: CSV or XLSX.
        name: of the file in ASCII, without its ending.
        titles: the header row.
        pages: rows in the order of the titles.
    """
    parts = _csv(titles, pages) if form is Format.CSV else _xlsx(name, titles, pages)
    headers = download_headers(form, name)
    return StreamingResponse(parts, media_type=MEDIA_TYPES[form], headers=headers)


async def _csv(titles: Sequence[str], pages: Pages) -> AsyncIterator[bytes]:
    with TemporaryFile() as file:
        writer = CsvWriter(file, titles)
        async for page in pages:
            await asyncio.to_thread(writer.add, page)
            writer.flush()
            file.seek(0)
            yield file.read()
            file.seek(0)
            file.truncate()
        writer.finish()
        file.seek(0)
        yield file.read()


async def _xlsx(name: str, titles: Sequence[str], pages: Pages) -> AsyncIterator[bytes]:
    with TemporaryFile() as file:
        await write_pages(Format.XLSX, file, name, titles, pages, _MOST_XLSX)
        file.seek(0)
        while piece := file.read(_PIECE):
            yield piece
