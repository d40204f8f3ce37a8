"""sharp, libvips from Node, as a reference that runs beside us: one process, one thread, one photo at a time."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Final, Self

_SCRIPT: Final = """
const sharp = require("sharp"), fs = require("fs"), file = fs.readFileSync(process.argv[1]);
sharp.concurrency(1);
sharp.cache(false);
const inside = (pipeline, side) => pipeline.resize(side, side, { fit: "inside", withoutEnlargement: true });
const jpeg = (pipeline, side) => inside(pipeline, side).jpeg({ quality: 85 }).toBuffer();
const ways = {
  async p() {
    for (const side of [2048, 1024, 320]) await jpeg(sharp(file).rotate(), side);
  },
  async c() {
    const { data, info } = await inside(sharp(file).rotate(), 2048).raw().toBuffer({ resolveWithObject: true });
    for (const side of [2048, 1024, 320]) await jpeg(sharp(data, { raw: info }), side);
  },
};
process.stdin.on("data", async (way) => { await ways[way](); process.stdout.write("."); });
process.stdout.write(".");
"""


def found() -> Path | None:
    """The folder in which sharp was installed, where there is one and Node beside it."""
    folder = os.environ.get("PORTAL_BENCH_SHARP", "")
    there = bool(folder) and (Path(folder) / "node_modules" / "sharp").is_dir() and shutil.which("node")
    return Path(folder) if there else None


class Sharp:
    """A running Node process that makes the three renditions whenever it is asked to."""

    def __init__(self, folder: Path, raw: bytes) -> None:
        self._photo = tempfile.NamedTemporaryFile(suffix=".jpg")  # noqa: SIM115 - closed in __exit__
        self._photo.write(raw)
        self._photo.flush()
        command = [shutil.which("node") or "node", "-e", _SCRIPT, self._photo.name]
        env = {"PATH": os.environ["PATH"], "UV_THREADPOOL_SIZE": "1"}
        self._node = subprocess.Popen(
            command, cwd=folder, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0
        )
        self._wait()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._node.kill()
        self._node.wait()
        self._photo.close()

    @property
    def pid(self) -> int:
        return self._node.pid

    def plain(self) -> None:
        """One photo from its bytes to three JPEGs, each from the file, as its documentation shows."""
        self._ask(b"p")

    def chained(self) -> None:
        """The same from pixels that were decoded once, at the size of the largest."""
        self._ask(b"c")

    def _ask(self, way: bytes) -> None:
        assert self._node.stdin  # noqa: S101 - we asked for it
        self._node.stdin.write(way)
        self._wait()

    def _wait(self) -> None:
        assert self._node.stdout  # noqa: S101 - we asked for it
        if not self._node.stdout.read(1):
            raise RuntimeError("Node ended; does sharp run in the folder PORTAL_BENCH_SHARP names?")
