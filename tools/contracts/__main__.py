"""Write the generated documents; refuses to break what is committed unless told to.

Usage: python -m tools.contracts [--accept-breaking]
"""

import json
import sys

from tools.contracts.documents import ROOT, breaking_changes, committed, generate, text_of


def main(arguments: list[str]) -> int:
    """Generate, compare, write. Answers the exit status."""
    new = generate()
    texts = committed()
    found = breaking_changes({path: json.loads(text) for path, text in texts.items()}, new)
    for path, entries in found.items():
        for entry in entries:
            print(f"breaks: {path} {entry}")
    if found and "--accept-breaking" not in arguments:
        print("Nothing written. Make it an optional addition, or a new version of the type (.v2).")
        return 1
    for path in texts.keys() - new.keys():
        (ROOT / path).unlink()
    for path, document in new.items():
        if texts.get(path) != text_of(document):
            (ROOT / path).parent.mkdir(parents=True, exist_ok=True)
            (ROOT / path).write_text(text_of(document), encoding="utf-8")
            print(f"written: {path}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
