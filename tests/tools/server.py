"""The portal as people run it: a process of its own on a free loopback port, with empty folders of its own."""

import contextlib
import http.client
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.tools.ports import free_port

COMMAND = (sys.executable, "-m", "portal", "run")
START_SECONDS = 60
STOP_SECONDS = 15
ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class RunningPortal:
    """What a test needs to know of the process it speaks to."""

    url: str
    pid: int
    data: Path
    uploads: Path
    log_file: Path

    @property
    def log(self) -> str:
        """Everything the process has printed so far."""
        return self.log_file.read_text(errors="replace")


@contextlib.contextmanager
def running_portal(
    env: Mapping[str, str] | None = None, command: Sequence[str] = COMMAND, folder: Path | None = None
) -> Iterator[RunningPortal]:
    """Start the portal, wait until /health answers, yield it, end it.

    Nothing of the caller's own PORTAL_* settings reaches it; `env` adds settings. `folder` keeps the data for a
    second start; without it the data is gone afterwards. Raises RuntimeError, with the log, when it does not come up.
    """
    with contextlib.ExitStack() as stack:
        home = folder or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="portal")))
        port = free_port()
        settings = {
            "PORTAL_HOST": "127.0.0.1",
            "PORTAL_PORT": str(port),
            "PORTAL_DATA": str(home / "data"),
            "PORTAL_UPLOADS": str(home / "uploads"),
            **(env or {}),
        }
        log_file = home / "portal.log"
        process = _start(command, settings, log_file)
        stack.callback(_stop, process)
        data, uploads = Path(settings["PORTAL_DATA"]), Path(settings["PORTAL_UPLOADS"])
        running = RunningPortal(f"http://127.0.0.1:{port}", process.pid, data, uploads, log_file)
        _wait_until_healthy(process, port, running)
        yield running


def _start(command: Sequence[str], settings: Mapping[str, str], log_file: Path) -> subprocess.Popen[bytes]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("PORTAL_")}
    env = inherited | dict(settings)
    with log_file.open("ab") as log:
        return subprocess.Popen(command, cwd=ROOT, env=env, stdin=subprocess.DEVNULL, stdout=log, stderr=log)


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _wait_until_healthy(process: subprocess.Popen[bytes], port: int, running: RunningPortal) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not _is_healthy(port):
        if process.poll() is not None or time.monotonic() > deadline:
            message = f"The portal did not come up (exit code {process.poll()}):\n{running.log[-4000:]}"
            raise RuntimeError(message)
        time.sleep(0.1)


def _is_healthy(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/health")
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
