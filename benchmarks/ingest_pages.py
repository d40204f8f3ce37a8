"""Do photos on their way in slow the other pages down: `python -m benchmarks.ingest_pages`.

A portal in a process of its own, as in earnest (children that decode included). One client opens pages over a
keep-alive connection, first alone and then while another sends twenty photos, two at a time.
"""

import http.client
import os
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from statistics import median
from typing import Final

import httpx2
import uvicorn

from benchmarks.home import make_portal
from benchmarks.ingest import twelve_megapixels
from portal.kit import log

GOAL: Final = 2.0
UPLOADS, AT_ONCE = 20, 2
PAGES: Final = ("/home", "/photos", "/messages")
_IDLE_SECONDS: Final = 8
_BETWEEN: Final = 0.02  # seconds a reader looks at a page


def main() -> int:
    """Print the ratio and whether the goal is met; 1 if it is not."""
    raw = twelve_megapixels()
    with tempfile.TemporaryDirectory(prefix="bench") as folder, _served(Path(folder)) as (port, cookie):
        _send(port, cookie, raw, -1)  # starts the process that later photos find running
        idle = _opened_while(port, cookie, lambda: time.sleep(_IDLE_SECONDS))
        began = time.perf_counter()
        busy = _opened_while(port, cookie, lambda: _send_all(port, cookie, raw))
        seconds = time.perf_counter() - began
    ratio = median(busy) / median(idle)
    met = ratio <= GOAL
    print(f"Pages while {UPLOADS} photos of 12 megapixels come in, {AT_ONCE} at once, in {seconds:.1f} s:")
    alone, then = (1000 * median(times) for times in (idle, busy))
    print(f"  median {alone:.1f} ms alone, {then:.1f} ms then ({len(idle)} and {len(busy)} pages)")
    print(f"  95 of 100 within {_late(idle):.1f} and {_late(busy):.1f} ms")
    print(f"  {ratio:.2f} x, goal at most {GOAL} {'met' if met else 'MISSED'}")
    return 0 if met else 1


def _late(times: list[float]) -> float:
    return 1000 * sorted(times)[int(len(times) * 0.95)]


@contextmanager
def _served(folder: Path) -> Iterator[tuple[int, str]]:
    context = get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(folder, theirs))
    process.start()
    theirs.close()
    try:
        yield ours.recv()
    finally:
        process.terminate()
        process.join()


def _serve(folder: Path, pipe: Connection) -> None:
    app, cookie = make_portal(folder)
    with Path(os.devnull).open("w") as nowhere:
        sys.stderr = nowhere  # the log is written as in earnest, but to nowhere
        log.configure("INFO")
        config = uvicorn.Config(app, port=0, log_config=None, access_log=False, server_header=False)
        server = uvicorn.Server(config)
        threading.Thread(target=_tell_port, args=(server, cookie, pipe), daemon=True).start()
        server.run()


def _tell_port(server: uvicorn.Server, cookie: str, pipe: Connection) -> None:
    while not server.started:
        time.sleep(0.01)
    pipe.send((server.servers[0].sockets[0].getsockname()[1], cookie))


def _opened_while(port: int, cookie: str, work: Callable[[], object]) -> list[float]:
    """How long each page took, in seconds, as long as `work` lasts."""
    times: list[float] = []
    with ThreadPoolExecutor(1) as pool:
        done = pool.submit(work)
        line = http.client.HTTPConnection("127.0.0.1", port)
        while not done.done():
            for page in PAGES:
                began = time.perf_counter()
                line.request("GET", page, headers={"cookie": cookie})
                answer = line.getresponse()
                answer.read()
                times.append(time.perf_counter() - began)
                if answer.status != http.client.OK:
                    raise RuntimeError(f"{page}: {answer.status}")
                time.sleep(_BETWEEN)
        done.result()
    return times


def _send_all(port: int, cookie: str, raw: bytes) -> None:
    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(lambda number: _send(port, cookie, raw, number), range(UPLOADS)))


def _send(port: int, cookie: str, raw: bytes, number: int) -> None:
    """Each photo with a few bytes of its own behind it, so that it is none that was sent before."""
    answer = httpx2.post(
        f"http://127.0.0.1:{port}/photos",
        data={"view": "crown"},
        files={"photos": (f"IMG_{number}.jpg", raw + str(number).encode(), "image/jpeg")},
        headers={"cookie": cookie, "accept": "application/json", "origin": f"http://127.0.0.1:{port}"},
        timeout=60,
    )
    if not answer.json()["ok"]:
        raise RuntimeError(answer.json()["sentence"])


if __name__ == "__main__":
    sys.exit(main())
