"""Draw photos of scalps that never were: the same person again and again, with hair that covers a known amount.

`person_seed` fixes what stays (skin, hair, moles, each strand's place), `shot_seed` what differs between two photos
(how the hair fell that day, where the lamp and the camera stood).
"""

import io
from cmath import exp as turned
from collections.abc import Iterator
from datetime import datetime
from math import log, pi, radians, sin, sqrt
from random import Random
from typing import Final, NamedTuple

from PIL import ExifTags, Image, ImageChops, ImageDraw, ImageFilter

from portal.demo.heads import HEADS, rise

Colour = tuple[float, float, float]

VIEWS: Final = tuple(HEADS)
DENSE: Final = 0.92
"""The share of scalp covered where hair is not thinning."""

_STRANDS: Final = 14_000
_FINER: Final = 2  # drawn at twice the size: halving it afterwards smooths every strand
_COARSE: Final = (72, 96)  # light and skin change slowly: a small picture, enlarged
_CENTRE: Final = 0.5 + 2j / 3

_SKINS: Final = ((222, 178, 152), (205, 158, 130), (232, 192, 170), (176, 126, 96))
_HAIRS: Final = ((44, 32, 25), (62, 43, 30), (34, 28, 26), (82, 56, 38))
_WALLS: Final = ((205, 208, 206), (214, 207, 196), (190, 198, 204))
_LYING: Final = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}
_CLOTHES: Final = ((70, 84, 104), (96, 92, 90), (120, 70, 66))


def draw(
    view: str,
    *,
    person_seed: int,
    shot_seed: int,
    coverage: float,
    light: float = 1.0,
    warmth: float = 1.0,
    turn: float = 0.0,
    zoom: float = 1.0,
    size: tuple[int, int] = (1200, 1600),
    redness: float = 0.0,
) -> Image.Image:
    """Return one photo. `coverage` is the share (0 to 1) of scalp that hair hides where it thins; `light` a gain,
    1 is well lit; `warmth` above 1 is lamp light; `turn` in degrees; `redness` from 0 to 1.
    """
    camera = turned(1j * radians(turn)) * zoom
    scene = _Scene(view, person_seed, shot_seed, coverage=coverage, redness=redness, camera=camera)
    image = _background(scene).resize((size[0] * _FINER, size[1] * _FINER), Image.Resampling.BICUBIC)
    _marks(scene, image)
    _hair(scene, image)
    image = _focused(scene, image.reduce(_FINER))
    return _exposed(_grained(image, scene.day), light, warmth)


def jpeg(image: Image.Image, *, taken_at: datetime, orientation: int = 1, gps: bool = True) -> bytes:
    """Save as a phone would: dated, placed, and lying in the file as the phone was held (EXIF orientation 1 to 8)."""
    tags = Image.Exif()
    tags[ExifTags.Base.Make], tags[ExifTags.Base.Model] = "Demo", "Drawn by the portal"
    tags[ExifTags.Base.Orientation] = orientation
    detail = tags.get_ifd(ExifTags.IFD.Exif)
    detail[ExifTags.Base.DateTimeOriginal] = taken_at.strftime("%Y:%m:%d %H:%M:%S")
    if offset := taken_at.strftime("%z"):
        detail[ExifTags.Base.OffsetTimeOriginal] = f"{offset[:3]}:{offset[3:5]}"
    if gps:
        place = tags.get_ifd(ExifTags.IFD.GPSInfo)
        place[ExifTags.GPS.GPSLatitudeRef], place[ExifTags.GPS.GPSLatitude] = "N", (51.0, 28.0, 40.1)
        place[ExifTags.GPS.GPSLongitudeRef], place[ExifTags.GPS.GPSLongitude] = "W", (0.0, 0.0, 5.3)
    file = io.BytesIO()
    turn = _LYING.get(orientation)
    (image if turn is None else image.transpose(turn)).save(file, "JPEG", quality=90, exif=tags)
    return file.getvalue()


class _Scene:
    """One person in front of one camera."""

    def __init__(
        self, view: str, person_seed: int, shot_seed: int, *, coverage: float, redness: float, camera: complex
    ) -> None:
        self.head, self.coverage, self.redness = HEADS[view], coverage, redness
        person, self.day = Random(f"person {person_seed}"), Random(f"shot {person_seed} {shot_seed}")
        self.skin, self.colour = person.choice(_SKINS), person.choice(_HAIRS)
        self.blotches, self.marks, self.strands = (Random(f"{view} {person_seed} {part}") for part in range(3))
        self.wall, self.clothes = self.day.choice(_WALLS), self.day.choice(_CLOTHES)
        self.lamp = complex(0.4, 0.36) + self._jitter(0.05)
        self.camera, self.shift = camera, self._jitter(0.012)
        combed, day = Random(f"comb {person_seed}"), self._jitter(26)  # combed the same way, and never quite the same
        self.waves = [(_within(combed, 26), combed.uniform(0, 2 * pi), combed.uniform(0.04, 0.1)) for _ in range(4)]
        self.waves += [(_within(combed, 90), combed.uniform(0, 2 * pi), 0.12) for _ in range(2)]
        self.waves += [(day, self.day.uniform(0, 2 * pi), 0.012)]

    def _jitter(self, most: float) -> complex:
        return _within(self.day, most)

    def place(self, z: complex) -> complex:
        """From the head to the picture."""
        if self.head.mirrored:
            z = complex(1 - z.real, z.imag)
        return (z - _CENTRE) * self.camera + _CENTRE + self.shift

    def seen(self, place: complex) -> complex:
        """From the picture to the head."""
        z = (place - _CENTRE - self.shift) / self.camera + _CENTRE
        return complex(1 - z.real, z.imag) if self.head.mirrored else z

    def covered(self, z: complex, thin: float) -> float:
        """The share of scalp that hair hides here."""
        return self.head.hair(z) * (DENSE * (1 - thin) + min(self.coverage, DENSE) * thin)

    def combed(self, z: complex) -> float:
        """How the comb went that day, as an angle to add."""
        return sum(high * sin(wave.real * z.real + wave.imag * z.imag + phase) for wave, phase, high in self.waves)


def _within(chance: Random, most: float) -> complex:
    return complex(chance.uniform(-most, most), chance.uniform(-most, most))


def _background(scene: _Scene) -> Image.Image:
    """Wall, clothes, skin and its light, without a single hair; small, since all of it is soft."""
    width, height = _COARSE
    blotches = scene.blotches
    wide, close = (
        Image.frombytes("L", size, blotches.randbytes(size[0] * size[1])).resize(_COARSE, Image.Resampling.BICUBIC)
        for size in ((9, 12), (36, 48))
    )
    grain = Image.blend(wide, close, 0.3).tobytes()
    points = (
        _point(scene, complex(at % width + 0.5, at // width + 0.5) / width, grain[at] / 128 - 1)
        for at in range(width * height)
    )
    return Image.frombytes("RGB", _COARSE, b"".join(points))


def _point(scene: _Scene, place: complex, blotch: float) -> bytes:
    z = scene.seen(place)
    colour = _behind(scene, place)
    for part in scene.head.skin:
        colour = _mix(_shaded(scene.skin, 0.86 - 0.25 * part.at(z) ** 2), colour, rise(part.at(z), 0.9, 1.12))
    edge = scene.head.outline.at(z)
    if edge < 1.05:
        colour = _mix(_scalp(scene, z, place, edge, blotch), colour, rise(edge, 0.96, 1.03))
    return bytes(min(max(int(part), 0), 255) for part in colour)


def _behind(scene: _Scene, place: complex) -> Colour:
    wall = _shaded(scene.wall, 1.02 - 0.22 * abs(place - scene.lamp))
    return _mix(wall, scene.clothes, rise(place.imag + 0.5 * (place.real - 0.5) ** 2 * -1, 1.12, 1.24))


def _scalp(scene: _Scene, z: complex, place: complex, edge: float, blotch: float) -> Colour:
    thin = scene.head.thinning(z)
    hidden = scene.covered(z, thin)
    red, green, blue = _shaded(scene.skin, 1.05 + 0.03 * blotch)
    flush = 0.05 * blotch + scene.redness * thin * (0.24 + 0.08 * blotch)
    colour = _mix((red, green * (1 - flush), blue * (1 - 0.8 * flush)), _shaded(scene.colour, 0.75), 0.9 * hidden**1.6)
    lit = _shaded(colour, _falloff(edge))
    gloss = 0.2 * (1 - hidden) * max(0.0, 1 - abs(place - scene.lamp) / 0.3) ** 2
    return _mix(lit, (255, 250, 242), gloss)


def _falloff(edge: float) -> float:
    """How much light is left towards the edge of the head, where it turns away."""
    return 1.04 - 0.4 * edge**3


def _marks(scene: _Scene, image: Image.Image) -> None:
    """Moles, by which photos of one person can be laid over each other."""
    pen, person = ImageDraw.Draw(image), scene.marks
    dark = _shaded(scene.skin, 0.45)
    left, top, right, bottom = scene.head.treated
    for _ in range(5):
        z = complex(person.uniform(left - 0.08, right + 0.08), person.uniform(top - 0.08, bottom + 0.08))
        size = person.uniform(0.003, 0.008)
        for part in (1.0, 0.8, 0.6):
            spot = scene.place(z) * image.width
            across, down = size * part * image.width, size * part * image.width * person.uniform(0.75, 1)
            tone = _ink(_mix(scene.skin, dark, 0.35 + 0.8 * (1 - part)))
            pen.ellipse((spot.real - across, spot.imag - down, spot.real + across, spot.imag + down), fill=tone)


def _hair(scene: _Scene, image: Image.Image) -> None:
    pen, unit = ImageDraw.Draw(image), image.width
    for strand in _strands(scene):
        root, angle, points = strand.root, strand.angle, []
        bend = (strand.tone * 7 % 1 - 0.5) * 0.7
        for _ in range(4):
            spot = scene.place(root) * unit
            points += [spot.real, spot.imag]
            root += turned(1j * angle) * strand.length / 3
            angle += bend
        pen.line(points, fill=_strand_ink(scene, strand), width=max(1, round(strand.width * unit)))


class _Strand(NamedTuple):
    root: complex
    angle: float
    length: float
    width: float
    tone: float
    faint: float


def _strands(scene: _Scene) -> Iterator[_Strand]:
    """Yield a person's strands, always the same; where it is thin fewer are shown, and what is left is finer, with down
    between.
    """
    chance, head = scene.strands.random, scene.head
    for _ in range(_STRANDS):
        root = complex(chance(), chance() * 4 / 3)
        keep, tone, size, aim = chance(), chance(), chance(), chance() - 0.5
        edge = head.outline.at(root)
        if edge > 0.985:
            continue
        thin = head.thinning(root)
        covered, fine = scene.covered(root, thin), thin * (1 - scene.coverage)
        length, width = head.length * (1 - 0.5 * fine) * (0.3 + 0.7 * sqrt(1 - edge * edge)), 0.0017 * (1 - 0.4 * fine)
        # Strands strewn at random hide 1 - exp(-strands x area of one) of what lies below: solved for the strands.
        if keep * _STRANDS * 0.75 * length * width < -log(1 - covered):
            angle = head.flow(root) + scene.combed(root) + aim * (0.5 + 0.6 * fine)
            yield _Strand(root, angle, length * (0.5 + size), width * (0.8 + 0.4 * size), tone, 0.25 * fine)
        elif covered > 0.1 and size > 0.4:
            yield _Strand(root, head.flow(root) + 1.5 * aim, 0.02 * size, 0.0005, tone, 0.72)


def _strand_ink(scene: _Scene, strand: _Strand) -> tuple[int, int, int]:
    far = abs(scene.place(strand.root) - scene.lamp)
    sheen = max(0.0, 1 - abs(far - 0.2) / 0.28)
    shade = 0.7 + (1.2 + 1.6 * sheen) * strand.tone**2.5
    colour = _mix(_shaded(scene.colour, shade), scene.skin, strand.faint)
    return _ink(_shaded(colour, _falloff(min(scene.head.outline.at(strand.root), 1.0))))


def _focused(scene: _Scene, image: Image.Image) -> Image.Image:
    """Sharp where the head is nearest, softer where it curves away."""
    width, height = _COARSE[0] // 2, _COARSE[1] // 2
    edges = [
        rise(scene.head.outline.at(scene.seen(complex(column + 0.5, row + 0.5) / width)), 0.55, 1.1)
        for row in range(height)
        for column in range(width)
    ]
    mask = Image.frombytes("L", (width, height), bytes(int(edge * 255) for edge in edges))
    soft = image.filter(ImageFilter.BoxBlur(image.width / 420))
    return Image.composite(soft, image, mask.resize(image.size, Image.Resampling.BILINEAR))


def _grained(image: Image.Image, day: Random) -> Image.Image:
    """Add what a phone's sensor adds, the same for the same shot."""
    noise = Image.frombytes("L", image.size, day.randbytes(image.width * image.height))
    noise = noise.point(lambda value: 119 + value // 14)
    return ImageChops.add(image, Image.merge("RGB", (noise, noise, noise)), 1, -128)


def _exposed(image: Image.Image, light: float, warmth: float) -> Image.Image:
    """Apply gains as a camera does: to light, not to the bent scale a picture is stored in."""
    table: list[int] = []
    for gain in (light * warmth, light, light / warmth):
        table += [min(255, round(value * gain ** (1 / 2.2))) for value in range(256)]
    return image.point(table)


def _mix(one: Colour, other: Colour, part: float) -> Colour:
    rest = 1 - part
    return one[0] * rest + other[0] * part, one[1] * rest + other[1] * part, one[2] * rest + other[2] * part


def _shaded(colour: Colour, light: float) -> Colour:
    return colour[0] * light, colour[1] * light, colour[2] * light


def _ink(colour: Colour) -> tuple[int, int, int]:
    return min(int(colour[0]), 255), min(int(colour[1]), 255), min(int(colour[2]), 255)
