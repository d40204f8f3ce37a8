"""The Nu HTML checker, where Java is present: `nu_errors(pages)` starts it once for all pages.

It comes from its npm package, the only registry that carries a current one (MIT licence, 30 MB), is checked against
its hash and lies in .venv: only tests on machines with Java and npm see it.
"""

import hashlib
import json
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

VERSION = "26.9.27"
SHA256 = "5970d3ffca91a627cf0965e5d91bb2e4242307c29292998de0b419d6a901b2b7"  # of the package as npm packs it
JAR = Path(sys.prefix) / "share" / f"vnu-{VERSION}.jar"
FETCH_SECONDS = 180
CHECK_SECONDS = 300
OPTIONS = ("--format", "json", "--stdout", "--exit-zero-always")

# Complaints about what today's browsers and standards allow: the exact message -> why it is not an error.
KNOWN = {
    "A “link” element with a “blocking” attribute must have a “rel” attribute whose value is “stylesheet”.": (
        'rel="expect" blocking="render" is in the HTML standard since 2024'
    ),
    "CSS: Unrecognized at-rule “@container”": "CSS Containment 3, in every browser since 2023",
    "CSS: Unrecognized at-rule “@starting-style”": "CSS Transitions 2, in every browser since 2024",
    "CSS: Unrecognized at-rule “@view-transition”": "CSS View Transitions 2; browsers without it ignore it",
    "CSS: “field-sizing”: Property “field-sizing” doesn't exist.": "CSS UI 4; browsers without it ignore it",
}


def nu_available() -> bool:
    """Whether the checker can run here: Java is on PATH, and the jar is there or npm can bring it."""
    return shutil.which("java") is not None and (JAR.exists() or shutil.which("npm") is not None)


def nu_errors(pages: Sequence[Path]) -> list[str]:
    """Errors in saved pages (.html) and style sheets (.css), one line each; warnings and KNOWN are left out."""
    # Asked for only with style sheets: it shifts the line numbers of pages by one.
    css = ["--also-check-css"] if any(page.suffix == ".css" for page in pages) else []
    command = ["java", "-jar", str(_jar()), *OPTIONS, *css, *map(str, pages)]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", timeout=CHECK_SECONDS, check=True)
    messages = json.loads(done.stdout)["messages"]
    return [_line(message) for message in messages if message["type"] != "info" and message["message"] not in KNOWN]


def _line(message: dict[str, Any]) -> str:
    place = f"{Path(message.get('url', '?')).name}:{message.get('lastLine', '?')}"
    return f"{place}: {message['message']} {message.get('extract', '')}".strip()


def _jar() -> Path:
    if not JAR.exists():
        JAR.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=JAR.parent) as folder:
            _fetch(Path(folder)).replace(JAR)
    return JAR


def _fetch(folder: Path) -> Path:
    """Have npm download the package without running anything of it, and take the one jar out."""
    command = ["npm", "pack", "--silent", "--ignore-scripts", f"vnu-jar@{VERSION}"]
    subprocess.run(command, cwd=folder, check=True, timeout=FETCH_SECONDS, capture_output=True)
    archive = folder / f"vnu-jar-{VERSION}.tgz"
    if hashlib.sha256(archive.read_bytes()).hexdigest() != SHA256:
        message = f"vnu-jar {VERSION} is not the file it was: its hash differs."
        raise RuntimeError(message)
    jar = folder / "vnu.jar"
    with tarfile.open(archive) as package, jar.open("wb") as target:
        member = package.extractfile("package/build/dist/vnu.jar")
        if member is None:
            message = f"vnu-jar {VERSION} holds no jar."
            raise RuntimeError(message)
        shutil.copyfileobj(member, target)
    return jar
