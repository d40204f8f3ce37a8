"""Photos good, odd and hostile, all made in memory. Nothing here is downloaded, nothing is stored."""

import io
import struct
import zipfile
import zlib
from collections.abc import Callable
from functools import partial
from typing import Any, Final

from PIL import ExifTags, Image, ImageDraw, PngImagePlugin

RED, GREEN, BLUE, YELLOW = (210, 40, 40), (40, 180, 60), (40, 60, 200), (220, 200, 50)
SECRET = b"SECRET-THAT-MUST-NOT-LEAVE"
TAKEN = "2026:03:14 09:26:53"

_STORED_FOR = {  # how a picture lies in a file of this EXIF orientation, so that it comes out upright
    1: None,
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


def scene(width: int = 800, height: int = 600) -> Image.Image:
    """Four quarters of different colour, so that any turn or mirror shows."""
    image = Image.new("RGB", (width, height), RED)
    draw = ImageDraw.Draw(image)
    draw.rectangle((width // 2, 0, width, height // 2), fill=GREEN)
    draw.rectangle((0, height // 2, width // 2, height), fill=BLUE)
    draw.rectangle((width // 2, height // 2, width, height), fill=YELLOW)
    return image


def saved(image: Image.Image, kind: str, **options: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def exif(orientation: int = 1, taken: str = TAKEN, offset: str | None = "+02:00") -> Image.Exif:
    tags = Image.Exif()
    tags[ExifTags.Base.Make] = "Phone"
    tags[ExifTags.Base.Orientation] = orientation
    tags[ExifTags.Base.ImageDescription] = SECRET.decode()
    detail = tags.get_ifd(ExifTags.IFD.Exif)
    detail[ExifTags.Base.DateTimeOriginal] = taken
    if offset:
        detail[ExifTags.Base.OffsetTimeOriginal] = offset
    place = tags.get_ifd(ExifTags.IFD.GPSInfo)
    place[ExifTags.GPS.GPSLatitudeRef], place[ExifTags.GPS.GPSLatitude] = "N", (52.0, 31.0, 12.0)
    place[ExifTags.GPS.GPSLongitudeRef], place[ExifTags.GPS.GPSLongitude] = "E", (13.0, 24.0, 36.0)
    return tags


def phone_jpeg(orientation: int = 1, size: tuple[int, int] = (800, 600), **options: Any) -> bytes:
    """A JPEG as a phone saves it: turned, dated, placed, with XMP, a comment and a colour profile."""
    turn = _STORED_FOR[orientation]
    image = scene(*size)
    image = image if turn is None else image.transpose(turn)
    told = {"exif": exif(orientation), "comment": SECRET, "xmp": xmp(), "icc_profile": profile()}
    return saved(image, "JPEG", **(told | options))


def phone_png(image: Image.Image | None = None) -> bytes:
    text = PngImagePlugin.PngInfo()
    text.add_text("Comment", SECRET.decode(), zip=True)
    text.add_itxt("XML:com.adobe.xmp", xmp().decode())
    return saved(image or scene(), "PNG", exif=exif(6), pnginfo=text, icc_profile=profile())


def phone_webp() -> bytes:
    return saved(scene(), "WEBP", exif=exif(3), xmp=xmp(), icc_profile=profile())


def xmp() -> bytes:
    return (
        b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        b'<rdf:Description xmlns:dc="http://purl.org/dc/elements/1.1/" dc:title="'
        + SECRET
        + b'"/></rdf:RDF></x:xmpmeta>'
    )


Colour = tuple[float, float, float]
NEAR_SRGB: Final = ((0.4361, 0.2225, 0.0139), (0.3851, 0.7169, 0.0971), (0.1431, 0.0606, 0.7141))
DISPLAY_P3: Final = ((0.5151, 0.2412, -0.0011), (0.2920, 0.6922, 0.0419), (0.1571, 0.0666, 0.7841))
ADOBE_RGB: Final = ((0.6097, 0.3111, 0.0195), (0.2053, 0.6257, 0.0609), (0.1492, 0.0632, 0.7446))
"""The red, green and blue of colour spaces, as XYZ under D50."""


def profile(*, swapped: bool = False, primaries: tuple[Colour, Colour, Colour] = NEAR_SRGB) -> bytes:
    """An RGB colour profile with a gamma of 2.2; `swapped` says that its first channel is green and its second red."""
    red, green, blue = primaries
    first, second = (green, red) if swapped else (red, green)
    curve = b"curv\0\0\0\0" + struct.pack(">IH", 1, int(2.2 * 256)) + b"\0\0"
    name = b"desc\0\0\0\0" + struct.pack(">I", len(SECRET) + 1) + SECRET + b"\0" * 79
    tags = {
        b"desc": name + b"\0" * (-len(name) % 4),
        b"cprt": b"text\0\0\0\0own\0",
        b"wtpt": _xyz((0.9642, 1.0, 0.8249)),
        b"rXYZ": _xyz(first),
        b"gXYZ": _xyz(second),
        b"bXYZ": _xyz(blue),
        **dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), curve),
    }
    table, body, start = b"", b"", 128 + 4 + 12 * len(tags)
    for tag, data in tags.items():
        table += tag + struct.pack(">II", start + len(body), len(data))
        body += data
    head = b"\0" * 4 + struct.pack(">I", 0x02100000) + b"mntrRGB XYZ " + b"\0" * 12 + b"acsp" + b"\0" * 28
    head += struct.pack(">3i", *(round(value * 65536) for value in (0.9642, 1.0, 0.8249)))
    whole = head.ljust(124, b"\0") + struct.pack(">I", len(tags)) + table + body
    return struct.pack(">I", len(whole) + 4) + whole


def _xyz(values: tuple[float, float, float]) -> bytes:
    return b"XYZ \0\0\0\0" + struct.pack(">3i", *(round(value * 65536) for value in values))


def png_of_chunks(width: int, height: int, *chunks: tuple[bytes, bytes], depth: int = 8, colour: int = 2) -> bytes:
    """A PNG put together by hand, for what no honest program would write."""
    head = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in ((b"IHDR", head), *chunks, (b"IEND", b""))
    )


def deflated(size: int) -> bytes:
    """`size` zero bytes, packed a thousandfold."""
    packer, piece = zlib.compressobj(6), bytes(1 << 20)
    parts = [packer.compress(piece) for _ in range(size >> 20)]
    return b"".join([*parts, packer.compress(bytes(size % (1 << 20))), packer.flush()])


def pixel_bomb() -> bytes:
    """60,000 by 60,000 pixels of one bit each, in less than a megabyte."""
    return png_of_chunks(60_000, 60_000, (b"IDAT", deflated(60_000 * (1 + 7_500))), depth=1, colour=0)


def text_bomb() -> bytes:
    body = (b"IDAT", zlib.compress(bytes(300 * 901)))
    return png_of_chunks(300, 300, (b"zTXt", b"Comment\0\0" + deflated(120 << 20)), body)


def profile_bomb() -> bytes:
    body = (b"IDAT", zlib.compress(bytes(300 * 901)))
    return png_of_chunks(300, 300, (b"iCCP", b"icc\0\0" + deflated(120 << 20)), body)


def animated(kind: str) -> bytes:
    frames = [scene(300, 300), Image.new("RGB", (300, 300), BLUE)]
    return saved(frames[0], kind, save_all=True, append_images=frames[1:], duration=100)


def svg_with_entity() -> bytes:
    return (
        b'<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY file SYSTEM "file:///etc/passwd">]>'
        b'<svg xmlns="http://www.w3.org/2000/svg"><text>&file;</text></svg>'
    )


def archive() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as packed:
        packed.writestr("../../photo.jpg", b"\xff\xd8\xff")
    return file.getvalue()


def boxed(brand: bytes) -> bytes:
    return struct.pack(">I", 24) + b"ftyp" + brand + b"\0\0\0\0" + b"isommp42" + bytes(4000)


def looping_exif() -> bytes:
    """A JPEG whose EXIF directory names itself as its own successor and child."""
    entry = struct.pack("<HHII", 0x8769, 4, 1, 8)
    tags = b"II*\0" + struct.pack("<IH", 8, 1) + entry + struct.pack("<I", 8)
    return saved(scene(), "JPEG", exif=b"Exif\0\0" + tags)


OTHER_TYPES: Final[dict[str, tuple[str, Callable[[], bytes]]]] = {
    **{
        kind: (words, partial(saved, scene(300, 300), kind))
        for kind, words in (
            ("GIF", "a GIF"),
            ("TIFF", "a TIFF"),
            ("BMP", "a BMP"),
            ("AVIF", "an AVIF"),
            ("PDF", "a PDF"),
        )
    },
    "SVG": ("an SVG", svg_with_entity),
    "ZIP": ("an archive", archive),
    "MOV": ("a video", partial(boxed, b"qt  ")),
    "MP4": ("a video", partial(boxed, b"isom")),
}
"""What is no photo we take: the words it is refused with, and what makes it."""


def in_one_colour_a_scan(sequential: bytes, count: int) -> bytes:
    """The head of a JPEG in colour that is not progressive, and then so many scans of its first colour alone."""
    at = sequential.find(b"\xff\xda")
    assert b"\xff\xc0" in sequential[:at]
    return sequential[:at] + b"\xff\xda\0\x08\x01\x01\0\0\x3f\0\0" * count + b"\xff\xd9"


def with_more_scans(progressive: bytes, count: int) -> bytes:
    """A progressive JPEG whose last scan comes so many times more."""
    last = progressive[progressive.rfind(b"\xff\xda") : -2]
    return progressive[:-2] + last * count + progressive[-2:]
