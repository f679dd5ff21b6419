"""`ansinh health`: is the process in this container well? Exit code 0 or 1, one line why.

The container engine asks every few seconds in every container, so this module imports nothing but
small parts of the standard library and reads its one setting itself (`python -m ansinh.health`).
"""

import http.client
import json
import os
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

OLDEST_SECONDS = 30.0  # three beats
_ANSWER_SECONDS = 4.0


def look(heartbeat: Path) -> tuple[bool, str]:
    """Whether the process that writes this heartbeat is well, and the reason."""
    try:
        found = json.loads(heartbeat.read_text(encoding="utf-8"))
        age = time.time() - heartbeat.stat().st_mtime
    except (OSError, ValueError):
        return False, "no heartbeat yet"
    if "url" in found:
        return _ask(found["url"])
    if age > OLDEST_SECONDS:
        return False, f"the last heartbeat is {age:.0f} s old"
    wrong = found.get("failing", [])
    return not wrong, "failing: " + ", ".join(wrong) if wrong else "well"


def _ask(url: str) -> tuple[bool, str]:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=_ANSWER_SECONDS)
    try:
        connection.request("GET", parts.path)
        answer = connection.getresponse()
        return answer.status == 200, answer.read().decode("utf-8", "replace")
    except (OSError, http.client.HTTPException) as error:
        return False, f"no answer: {type(error).__name__}"
    finally:
        connection.close()


def main() -> int:
    """Look, say, and answer the exit code."""
    path = os.environ.get("ANSINH_HEARTBEAT_FILE")
    if not path:
        print("ANSINH_HEARTBEAT_FILE is not set")
        return 1
    is_well, reason = look(Path(path))
    print(reason)
    return 0 if is_well else 1


if __name__ == "__main__":
    sys.exit(main())
