"""The client's home page against a bare page that does the same work: `python -m benchmarks.home`.

The reference (`benchmarks.bare`) sends the same statements and answers with the same HTML. Both live in one process
behind one uvicorn and are asked in turns over keep-alive connections from another process, so that a busy machine is
busy for both alike; the server's CPU time is counted beside the clock.
"""

import http.client
import multiprocessing
import os
import socket
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from statistics import median
from typing import Final

import uvicorn
from fastapi import FastAPI
from sqlmodel import SQLModel
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from benchmarks.bare import BARE, PORTAL, bare_page, record
from benchmarks.story import fill
from portal.accounts import service as accounts
from portal.app import create_app
from portal.kit import log
from portal.kit.db import transaction
from portal.settings import Mode, Settings

GOAL: Final = 0.6
ROUNDS, REQUESTS, AT_ONCE = 15, 160, 4
_SECONDS: Final = 25
_CPU: Final = "/cpu"


def main() -> int:
    """Print the ratio and whether the goal is met; 1 if it is not. The lower of the two measures counts."""
    with tempfile.TemporaryDirectory(prefix="bench") as folder, _served(Path(folder)) as (port, cookie):
        found = _measured(port, cookie)
    rates, costs = ({path: median(pair[which] for pair in found[path]) for path in found} for which in (0, 1))
    pairs = list(zip(found[PORTAL], found[BARE], strict=True))
    speed = median(ours[0] / bare[0] for ours, bare in pairs)
    cost = median(bare[1] / ours[1] for ours, bare in pairs)
    met = min(speed, cost) >= GOAL
    print(f"The client's home page, medians of {len(pairs)} rounds in turns, {AT_ONCE} at once, one process:")
    print(f"  speed against bare: {speed:.2f} x ({rates[PORTAL]:.0f} and {rates[BARE]:.0f} pages a second)")
    print(f"  CPU against bare: {cost:.2f} x ({costs[PORTAL]:.2f} and {costs[BARE]:.2f} ms a page)")
    print(f"  goal {GOAL} {'met' if met else 'MISSED'}")
    return 0 if met else 1


def make_portal(folder: Path) -> tuple[FastAPI, str]:
    """The application on a new database with one client's history, and the cookie that signs her in."""
    app = create_app(Settings(mode=Mode.DEMO, data=folder, uploads=folder / "uploads", jobs_in_web=False))
    SQLModel.metadata.create_all(app.state.engine)
    with transaction(app.state.engine) as db:
        token = accounts.start_sign_in(db, fill(db), "a benchmark")
    return app, f"{app.state.cookie_name}={token}"


class _Both:
    """One server, two applications: the reference at its own path, the portal everywhere else."""

    def __init__(self, portal: FastAPI, bare: Starlette) -> None:
        self.portal, self.bare = portal, bare

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] == _CPU:
            await PlainTextResponse(str(time.process_time()))(scope, receive, send)
        else:
            await (self.bare if scope["path"] == BARE else self.portal)(scope, receive, send)


@contextmanager
def _served(folder: Path) -> Iterator[tuple[int, str]]:
    """Both in a process of their own; gives its port and the client's cookie."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(folder, theirs), daemon=True)
    process.start()
    theirs.close()
    try:
        yield ours.recv()
    finally:
        process.terminate()
        process.join()


def _serve(folder: Path, pipe: Connection) -> None:
    app, cookie = make_portal(folder)
    both = _Both(app, bare_page(app, record(app, cookie), folder / "portal.sqlite3"))
    with Path(os.devnull).open("w") as nowhere, socket.socket(proto=socket.IPPROTO_TCP) as listening:
        sys.stderr = nowhere  # the log is written as in earnest, but to nowhere
        log.configure("INFO")
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        pipe.send((listening.getsockname()[1], cookie))
        config = uvicorn.Config(both, log_config=None, access_log=False, server_header=False, lifespan="off")
        uvicorn.Server(config).run([listening])


def _measured(port: int, cookie: str) -> dict[str, list[tuple[float, float]]]:
    """Pages a second and milliseconds of CPU a page, for each way, round by round."""
    found: dict[str, list[tuple[float, float]]] = {BARE: [], PORTAL: []}
    for path in found:
        _round(port, cookie, path)
    end = time.monotonic() + _SECONDS
    for _ in range(ROUNDS):
        for path, rounds in found.items():
            seconds, cpu = _round(port, cookie, path)
            rounds.append((REQUESTS / seconds, 1000 * cpu / REQUESTS))
        if time.monotonic() > end:
            break
    return found


def _round(port: int, cookie: str, path: str) -> tuple[float, float]:
    """Wall and CPU seconds for REQUESTS pages."""
    used, began = _cpu(port), time.perf_counter()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for done in [pool.submit(_ask, port, cookie, path, REQUESTS // AT_ONCE) for _ in range(AT_ONCE)]:
            done.result()
    return time.perf_counter() - began, _cpu(port) - used


def _ask(port: int, cookie: str, path: str, times: int) -> None:
    with socket.create_connection(("127.0.0.1", port)) as wire:
        wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        question = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {cookie}\r\n\r\n".encode()
        for _ in range(times):
            wire.sendall(question)
            _read_answer(wire)


def _read_answer(wire: socket.socket) -> None:
    got = wire.recv(65536)
    while b"\r\n\r\n" not in got:
        got += wire.recv(65536)
    head, _, body = got.partition(b"\r\n\r\n")
    if not head.startswith(b"HTTP/1.1 200"):
        raise RuntimeError(head.decode("latin-1"))
    missing = int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0]) - len(body)
    while missing > 0:
        missing -= len(wire.recv(65536))


def _cpu(port: int) -> float:
    connection = http.client.HTTPConnection("127.0.0.1", port)
    connection.request("GET", _CPU)
    answer = float(connection.getresponse().read())
    connection.close()
    return answer


if __name__ == "__main__":
    sys.exit(main())
