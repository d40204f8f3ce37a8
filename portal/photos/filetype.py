"""What a file is, by its first bytes, and what its name claims. No decoder is involved, so this is safe anywhere."""

import re
from typing import Final

ACCEPTED: Final = frozenset({"JPEG", "PNG", "WEBP", "HEIF"})

_FOREIGN: Final = (
    ".7z .asp .aspx .avi .bat .cmd .css .dll .dmg .doc .docm .docx .eps .exe .gz .hta .htm .html .jar .js .jsp .json"
    " .lnk .m4a .m4v .mjs .mkv .mov .mp3 .mp4 .mpeg .mpg .msi .pdf .phar .php .phtml .ppt .pptx .ps1 .psd .py .rar .rb"
    " .rtf .scr .sh .svg .svgz .swf .tar .txt .vbs .wasm .wav .webm .xhtml .xls .xlsx .xml .xsl .zip"
)
FOREIGN: Final = frozenset(_FOREIGN.split())
"""Endings that claim to be something else than a photo. Whatever else stands behind a dot is part of a name, such as
“Photo 22.11.2026”, and phones call a PNG “IMG_1.jpg”: the content decides."""

MOST_SCANS: Final = 100
"""A photo has one scan, a progressive one ten to twenty; each costs as much as decoding all of it."""
_MOST_SEGMENTS: Final = 10_000

_SCAN, _END = b"\xff\xda", b"\xff\xd9"
_SEQUENTIAL: Final = {b"\xff\xc0", b"\xff\xc1"}
_MARKER: Final = re.compile(rb"\xff[\xc0-\xcf\xd8-\xfe]")  # no escaped byte (00) and no restart (D0 to D7)
_STILL: Final = {b"heic", b"heix", b"heim", b"heis", b"mif1"}
_MOVING: Final = {b"hevc", b"hevx", b"hevm", b"hevs", b"msf1"}
_AVIF: Final = {b"avif", b"avis"}

_STARTS: Final = (
    (b"\xff\xd8\xff", "JPEG"),
    (b"\x89PNG\r\n\x1a\n", "PNG"),
    (b"GIF87a", "a GIF"),
    (b"GIF89a", "a GIF"),
    (b"II*\0", "a TIFF or raw camera file"),
    (b"MM\0*", "a TIFF or raw camera file"),
    (b"BM", "a BMP"),
    (b"%PDF", "a PDF"),
    (b"PK\x03\x04", "an archive"),
    (b"PK\x05\x06", "an archive"),
    (b"Rar!", "an archive"),
    (b"7z\xbc\xaf\x27\x1c", "an archive"),
    (b"\x1f\x8b", "an archive"),
    (b"BZh", "an archive"),
    (b"\xfd7zXZ\0", "an archive"),
    (b"\x28\xb5\x2f\xfd", "an archive"),
    (b"\x1a\x45\xdf\xa3", "a video"),
    (b"8BPS", "a Photoshop file"),
    (b"\0\0\x01\0", "an icon file"),
    (b"\0\0\0\x0cJXL ", "a JPEG XL"),
    (b"\xff\x0a", "a JPEG XL"),
    (b"\0\0\0\x0cjP  ", "a JPEG 2000"),
)


def kind_of(raw: bytes) -> str | None:
    """Name what the file holds: one of ACCEPTED, "film" (a HEIF sequence), words such as "a GIF", or None."""
    for start, kind in _STARTS:
        if raw.startswith(start):
            return kind
    if raw[4:8] == b"ftyp":
        return _boxed(raw)
    if raw[:4] == b"RIFF":
        return {b"WEBP": "WEBP", b"AVI ": "a video"}.get(raw[8:12])
    return "an SVG drawing" if b"<svg" in raw[:4096].lower() else None


def ending_of(filename: str | None) -> str:
    """Return the ending of a name, lower case with its dot, or "" where there is none. Folders are ignored."""
    name = (filename or "").replace("\\", "/").rpartition("/")[2].strip().lower()
    stem, dot, ending = name.rpartition(".")
    return dot + ending if stem else ""


def has_too_many_scans(raw: bytes) -> bool:
    """Whether a JPEG file is built up in more than a hundred scans, which a small file can make minutes of work.

    Read as a decoder would: from one segment to the next, up to the end of the picture; the two bytes that begin a scan
    are also found where they mean nothing (in a preview, in the film behind a photo). Nearly every photo is done with
    at its first scan: one that is not progressive and holds all colours is the only one a decoder reads.
    """
    scans, at, colours = 0, 2, None
    for _ in range(_MOST_SEGMENTS):
        found = _MARKER.search(raw, at)
        if found is None or found[0] == _END or scans > MOST_SCANS:
            return scans > MOST_SCANS
        after = found.end()
        if found[0] in _SEQUENTIAL:
            colours = raw[after + 7 : after + 8]
        if found[0] == _SCAN:
            if colours and colours == raw[after + 2 : after + 3]:
                return False
            scans += 1
        at = after + int.from_bytes(raw[after : after + 2])
    return True


def _boxed(raw: bytes) -> str:
    """Tell photos from films in the ISO box format, which HEIC, AVIF, MP4 and MOV share."""
    brand = raw[8:12]
    others = raw[16 : min(int.from_bytes(raw[:4]), 256)]
    if brand in _AVIF or (brand in {b"mif1", b"msf1"} and b"avi" in others and b"hei" not in others):
        return "an AVIF"
    if brand in _STILL:
        return "HEIF"
    return "film" if brand in _MOVING else "a video"
