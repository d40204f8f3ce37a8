"""How tests look at what became of a photo."""

import io
import shutil
import subprocess
from pathlib import Path

import pytest
from PIL import Image

from portal.photos.decode import BadPhoto, Decoded, decode
from tests.photos import make_images as make

REAL = Path(__file__).parents[3] / "shared" / "photos"


def picture(decoded: Decoded, name: str = "medium") -> Image.Image:
    (rendition,) = (rendition for rendition in decoded.renditions if rendition.name == name)
    image = Image.open(io.BytesIO(rendition.jpeg))
    assert image.size == (rendition.width, rendition.height)
    assert image.mode == "RGB"
    return image


def corners(image: Image.Image) -> list[str]:
    """Name the colours top left, top right, bottom left, bottom right."""
    names = {make.RED: "red", make.GREEN: "green", make.BLUE: "blue", make.YELLOW: "yellow"}
    width, height = image.size
    spots = [(x, y) for y in (height // 4, height * 3 // 4) for x in (width // 4, width * 3 // 4)]
    return [min(names.items(), key=lambda item: distance(image.getpixel(spot), item[0]))[1] for spot in spots]


def distance(one, other) -> int:
    return max(abs(a - b) for a, b in zip(one, other, strict=True))


def segments(jpeg: bytes) -> set[int]:
    """Return the markers of a JPEG file before its pixels."""
    found, at = set(), 2
    while jpeg[at + 1] != 0xDA:
        found.add(jpeg[at + 1])
        at += 2 + int.from_bytes(jpeg[at + 2 : at + 4])
    return found


def refused(raw: bytes, filename: str | None = None, **options) -> BadPhoto:
    with pytest.raises(BadPhoto) as caught:
        decode(raw, filename, **options)
    assert caught.value.sentence.endswith(".")
    return caught.value


def told_by_exiftool(folder: Path, jpeg: bytes) -> str:
    """Ask exiftool, where there is one, for anything beyond the file and its pixels."""
    program = shutil.which("exiftool")
    if not program:
        return ""
    (folder / "rendition.jpg").write_bytes(jpeg)
    groups = ["--File:all", "--ExifTool:all", "--JFIF:all", "--Composite:all", "-a"]
    done = subprocess.run([program, *groups, folder / "rendition.jpg"], capture_output=True, text=True, check=True)
    return done.stdout


def spoil(file: Path) -> None:
    """Change the last byte, whatever it is."""
    *rest, last = file.read_bytes()
    file.write_bytes(bytes([*rest, last ^ 1]))


def half(raw: bytes) -> bytes:
    return raw[: len(raw) * 2 // 3]


def real(name: str) -> bytes:
    if not (REAL / name).exists():
        pytest.skip(f"absent: ../shared/photos/{name}, a real phone's photo that is kept outside this project")
    return (REAL / name).read_bytes()
