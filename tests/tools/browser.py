"""A real Chromium: the system's when it has one, else the one Playwright brought."""

import os
import shutil
import subprocess
from functools import cache

from playwright.sync_api import Browser, Playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# Without these Chromium looks for updates and accounts at every start; tests speak to the loopback address only.
QUIET = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@cache
def chromium_path() -> str | None:
    """The system's Chromium, or None when PATH has none that runs: Ubuntu's may be a stub naming the real package."""
    return next((path for name in NAMES if (path := shutil.which(name)) and _runs(path)), None)


def launch(playwright: Playwright) -> Browser:
    """Start a headless Chromium. As root it needs --no-sandbox: it visits only our own pages."""
    args = [*QUIET, *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    return playwright.chromium.launch(executable_path=chromium_path(), args=args)


def _runs(path: str) -> bool:
    return subprocess.run([path, "--version"], capture_output=True, timeout=30, check=False).returncode == 0
