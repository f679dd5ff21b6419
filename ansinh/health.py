"""`ansinh health`: is the process in this container well? Exit code 0 or 1, one line why.

The container engine asks every few seconds in every container, so this module imports nothing but
small parts of the standard library and reads its settings itself (`python -m ansinh.health`).
"""

import http.client
import json
import os
import sys

_ANSWER_SECONDS = 4.0
_EVERYWHERE = ("", "0.0.0.0", "::")  # noqa: S104 (compared, not bound)


def look(host: str, port: int) -> tuple[bool, str]:
    """Whether the process with this management address is ready, and the reason."""
    connection = http.client.HTTPConnection(host, port, timeout=_ANSWER_SECONDS)
    try:
        connection.request("GET", "/health/ready")
        answer = connection.getresponse()
        found = json.loads(answer.read())
        is_ready = answer.status == 200
        return is_ready, "ready" if is_ready else "failing: " + ", ".join(found["failing"])
    except (OSError, ValueError, LookupError, TypeError, http.client.HTTPException) as error:
        return False, f"no answer: {type(error).__name__}"
    finally:
        connection.close()


def main() -> int:
    """Look, say, and answer the exit code."""
    port = os.environ.get("ANSINH_MANAGEMENT_PORT", "")
    if not port.isdecimal():
        print("ANSINH_MANAGEMENT_PORT is not set")
        return 1
    host = os.environ.get("ANSINH_MANAGEMENT_HOST", "")
    is_well, reason = look("127.0.0.1" if host in _EVERYWHERE else host, int(port))
    print(reason)
    return 0 if is_well else 1


if __name__ == "__main__":
    sys.exit(main())
