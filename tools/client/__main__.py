"""Write the generated clients. Usage: python -m tools.client"""

from subprocess import CalledProcessError

from tools.client.generating import PACKAGES, ROOT, committed, generate


def main() -> int:
    """Generate and write. Answers the exit status."""
    for service in PACKAGES:
        try:
            new = generate(service)
        except CalledProcessError as error:
            print(f"{service}: {error.stdout}{error.stderr}")
            return 1
        old = committed(service)
        for path in old.keys() - new.keys():
            (ROOT / path).unlink()
        for path, text in new.items():
            if old.get(path) != text:
                (ROOT / path).parent.mkdir(parents=True, exist_ok=True)
                (ROOT / path).write_text(text, encoding="utf-8")
        print(f"{service}: {len(new)} files, {sum(old.get(path) != new[path] for path in new)} new")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
