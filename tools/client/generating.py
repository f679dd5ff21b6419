"""One service's client from its committed description, by `openapi-python-client`.

The generator's output is committed as it comes: where it could not digest something, the
description was mended. It runs in a process of its own, its formatter without the house's rules.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[2]
CLIENTS = Path("clients/python")
PACKAGES = {"credit": "ansinh_credit"}
_CONFIG = """\
package_name_override: {package}
content_type_overrides:
  text/csv: application/octet-stream
  application/vnd.openxmlformats-officedocument.spreadsheetml.sheet: application/octet-stream
post_hooks:
  - ruff check . --isolated --quiet --fix --extend-select=I --line-length=120 --target-version=py311
  - ruff format . --isolated --quiet --line-length=120 --target-version=py311
"""


def generate(service: str) -> dict[Path, str]:
    """Every file of the client, by path from the repository's root.

    Raises:
        subprocess.CalledProcessError: the generator could not digest the description whole.
    """
    package = PACKAGES[service]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        config = folder / "config.yaml"
        config.write_text(_CONFIG.format(package=package), encoding="utf-8")
        programs = Path(sys.executable).parent  # where the generator finds ruff, without activation
        subprocess.run(
            [
                *(sys.executable, "-m", "openapi_python_client", "generate", "--fail-on-warning"),
                *("--path", str(ROOT / f"services/{service}/openapi.json"), "--meta", "none"),
                *("--config", str(config), "--output-path", str(folder / package)),
            ],
            cwd=folder,
            env={**os.environ, "PATH": f"{programs}{os.pathsep}{os.environ.get('PATH', '')}"},
            check=True,
            capture_output=True,
            text=True,
        )
        return _texts(folder / package, CLIENTS / package)


def committed(service: str) -> dict[Path, str]:
    """The same files as they are committed."""
    place = CLIENTS / PACKAGES[service]
    return _texts(ROOT / place, place)


def _texts(folder: Path, place: Path) -> dict[Path, str]:
    return {
        place / path.relative_to(folder): path.read_text(encoding="utf-8")
        for path in folder.rglob("*")
        if path.is_file() and path.suffix != ".pyc" and ".ruff_cache" not in path.parts
    }
