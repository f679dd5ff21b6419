"""`python -m libs.common.policy PAGE DIRECTORY...`: check the law, and list it on its page.

Loads every directory, runs the tables' own cases, and rewrites the generated part of the page. Ends
with 1 and names file and line if anything is wrong.
"""

import sys
from pathlib import Path

from libs.common.policy.cases import failed_cases
from libs.common.policy.listing import replace_listing
from libs.common.policy.loading import load_book
from libs.common.policy.reading import LawError


def main(arguments: list[str]) -> int:
    """Run it; the exit code."""
    if len(arguments) < 2:
        sys.stderr.write(f"{(__doc__ or '').splitlines()[0]}\n")
        return 2
    page, *directories = arguments
    try:
        books = {name.rstrip("/"): load_book(Path(name)) for name in directories}
    except LawError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    failures = [line for book in books.values() for line in failed_cases(book)]
    if failures:
        sys.stderr.write("\n".join(failures) + "\n")
        return 1
    path = Path(page)
    path.write_text(replace_listing(path.read_text("utf-8"), books), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
