"""How much memory one photo takes on its way in: `python -m benchmarks.ingest_memory` (Linux).

The work of the caged child, each photo in a new process: its highest resident set above the idle one, which counts, and
the address space it needs of the gigabyte it may have.
"""

import io
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import astuple
from pathlib import Path
from typing import Final

from PIL import Image

from benchmarks.ingest import HEIC, REGION, twelve_megapixels
from portal.kit.cage import MEMORY
from portal.photos import pixels

GOAL: Final = 60  # MB above idle for a 12-megapixel JPEG
LARGE: Final = (6048, 8064)
_MB: Final = 1e6


def main() -> int:
    """Print a line a photo and whether the goal is met; 1 if it is not."""
    print("Memory of the child that takes in one photo:")
    found = {name: _told(name, make()) for name, make in _photos()}
    met = found["JPEG, 12 megapixels"] <= GOAL
    print(f"  goal: at most {GOAL} MB above idle for 12 megapixels: {'met' if met else 'MISSED'}")
    return 0 if met else 1


def _photos() -> Iterator[tuple[str, Callable[[], bytes]]]:
    yield "JPEG, 12 megapixels", twelve_megapixels
    yield "JPEG, 48 megapixels", lambda: _large("JPEG", quality=90)
    yield "JPEG, 48 megapixels, progressive", lambda: _large("JPEG", quality=90, progressive=True)
    yield "PNG, 48 megapixels", lambda: _large("PNG", compress_level=1)
    if HEIC.exists():
        yield "HEIC, 12 megapixels", HEIC.read_bytes


def _large(kind: str, **options: object) -> bytes:
    file = io.BytesIO()
    small = Image.open(io.BytesIO(twelve_megapixels()))
    small.resize(LARGE, Image.Resampling.BILINEAR).save(file, kind, **options)
    return file.getvalue()


def _told(name: str, raw: bytes) -> float:
    with tempfile.NamedTemporaryFile() as file:
        file.write(raw)
        file.flush()
        command = [sys.executable, "-m", "benchmarks.ingest_memory", file.name]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
    idle, highest, space = json.loads(done.stdout)
    room = f"address space {space:.0f} of {MEMORY / _MB:.0f} MB"
    print(f"  {name}, {len(raw) / _MB:.1f} MB: {highest - idle:.0f} MB above idle ({idle:.0f} MB), {room}", flush=True)
    return float(highest - idle)


def child(path: Path) -> int:
    """Take in one photo and print the resident set before, the highest since, and the highest address space; in MB."""
    pixels.prepare()
    question = json.dumps({"region": astuple(REGION)}).encode()
    idle = _status("VmRSS")
    answer = pixels.answer(question, path.read_bytes())
    print(json.dumps([idle, _status("VmHWM"), _status("VmPeak")]))
    return int(b"refused" in answer[:40])


def _status(field: str) -> float:
    (line,) = (line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith(field))
    return int(line.split()[1]) * 1024 / _MB


if __name__ == "__main__":
    sys.exit(child(Path(sys.argv[1])) if sys.argv[1:] else main())
