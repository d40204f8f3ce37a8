"""How long the portal takes to start, what it holds when idle, and what dominates: `python -m benchmarks.startup`.

The reference is a bare Starlette application with one route behind the same uvicorn, started in turns with ours. Each
start is a new process, timed from its birth until it listens. Memory is what it holds then (resident set, Linux only).
"""

import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from statistics import median
from typing import Final

from portal.kit.db import make_engine
from portal.migrations import upgrade

ROUNDS, TOP = 5, 8
_REPORT: Final = """
import pathlib, uvicorn
class Told(uvicorn.Server):
    async def startup(self, sockets=None):
        await super().startup(sockets)
        status = pathlib.Path("/proc/self/status")
        print(status.read_text().partition("VmRSS:")[2].split()[0], flush=True)
        self.should_exit = True
def told(app):
    Told(uvicorn.Config(app, port=0, log_level="critical")).run()
"""
WAYS: Final = {
    "bare": """
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route
told(Starlette(routes=[Route("/", lambda request: PlainTextResponse("hello"))]))
""",
    "portal": """
from portal.app import create_app
from portal.settings import Settings
told(create_app(Settings()))
""",
}


def main() -> int:
    """Print the ratios and the heaviest imports."""
    with tempfile.TemporaryDirectory(prefix="bench") as folder:
        env = _environment(Path(folder))
        rounds = [{name: _start(code, env) for name, code in WAYS.items()} for _ in range(ROUNDS)]
        heaviest = _imports(env)
    print(f"Start-up and idle process, medians of {ROUNDS} starts in turns:")
    _tell("time", "s", *(median(each[name][0] for each in rounds) for name in WAYS))
    _tell("memory", "MiB", *(median(each[name][1] for each in rounds) for name in WAYS))
    whole = sum(heaviest.values())
    shares = [f"{name} {100 * spent / whole:.0f} %" for name, spent in heaviest.most_common(TOP)]
    print(f"  of the time importing takes when watched, {whole / 1e6:.1f} s: {', '.join(shares)}")
    return 0


def _tell(what: str, unit: str, bare: float, ours: float) -> None:
    print(f"  {what} against bare: {ours / bare:.1f} x ({ours:.2f} and {bare:.2f} {unit})")


def _environment(folder: Path) -> dict[str, str]:
    """A migrated, empty demo portal; nothing of the caller's own settings."""
    upgrade(make_engine(f"sqlite:///{folder / 'portal.sqlite3'}"))
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("PORTAL_")}
    ours = {"PORTAL_MODE": "demo", "PORTAL_DATA": str(folder), "PORTAL_UPLOADS": str(folder / "uploads")}
    return inherited | ours


def _start(code: str, env: Mapping[str, str]) -> tuple[float, float]:
    """Seconds until it listens, and MiB resident then."""
    began = time.perf_counter()
    command = [sys.executable, "-c", _REPORT + code]
    with subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        line = process.stdout.readline() if process.stdout else ""
        seconds = time.perf_counter() - began
    return seconds, int(line) / 1024


def _imports(env: Mapping[str, str]) -> Counter[str]:
    """Microseconds spent in each top-level package's own modules while `portal.app` is imported."""
    command = [sys.executable, "-X", "importtime", "-c", "import portal.app, uvicorn"]
    told = subprocess.run(command, env=env, capture_output=True, text=True, check=True).stderr
    spent: Counter[str] = Counter()
    for line in told.splitlines():
        own, _, name = line.removeprefix("import time:").partition("|")
        module = name.rpartition("|")[2].strip()
        if own.strip().isdigit():
            spent[_package(module)] += int(own)
    return spent


def _package(module: str) -> str:
    top = module.partition(".")[0]
    return "Python itself" if top in sys.stdlib_module_names else top


if __name__ == "__main__":
    sys.exit(main())
