"""Where the insurer is told, and what An Sinh signs with: a file that it alone reads."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from libs.common.files import write_whole

_FILE = "endpoint.json"


@dataclass(frozen=True, slots=True)
class Address:
    """A port of this machine, and the endpoint's secrets in force."""

    port: int
    secrets: tuple[str, ...]


def keep_address(folder: Path, address: Address) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_whole(folder / _FILE, json.dumps(asdict(address)))


def read_address(folder: Path) -> Address:
    values = json.loads((folder / _FILE).read_text(encoding="utf-8"))
    return Address(values["port"], tuple(values["secrets"]))
