"""`make bench`: every measurement, one after the other, in half an hour; 1 when a goal is missed."""

import subprocess
import sys
from typing import Final

ALL: Final = (
    "ingest",
    "ingest_memory",
    "ingest_pages",
    "home",
    "startup",
    "slots",
    "bookings",
    "registration",
    "comparability",
    "indices",
)


def main() -> int:
    """Each in a process of its own, so that none warms another."""
    failed = []
    for name in ALL:
        done = subprocess.run([sys.executable, "-m", f"benchmarks.{name}"], check=False)
        failed += [name] if done.returncode else []
        print(flush=True)
    print(f"Goals missed or not measured: {', '.join(failed)}." if failed else "Every goal is met.")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
