"""Small files that are there whole or not at all, whatever kills the process that writes them."""

import os
from pathlib import Path


def write_whole(path: Path, text: str, mode: int = 0o600) -> None:
    """Write a side file and rename it: readers see the old text or the new, never half of one."""
    half_done = path.with_name(f"{path.name}.{os.getpid()}.part")
    descriptor = os.open(half_done, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    half_done.replace(path)
