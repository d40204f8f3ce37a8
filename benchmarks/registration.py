"""How well photos are laid over each other, and whether a failure is ever silent: `python -m benchmarks.registration`.

Drawn heads (`benchmarks.truth`), of which it is known where each pixel lies, and perturbed copies of real photos if the
folder beside the project has some. An error is a distance in percent of the picture's width: of the worst of its four
corners, or the mean over the view's region. About seven minutes on one core.
"""

import json
import struct
import sys
import time
from collections import defaultdict
from dataclasses import astuple, dataclass, field
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np

from benchmarks.truth import Scene, Shot, elsewhere, follow_up, ghosted, mild, photograph, scalp, thing
from portal.imaging import child, features, fitting, landmarks, measure, pictures, registration
from portal.imaging.curve import Curve
from portal.imaging.measured import Ellipse, Found, Matrix
from portal.imaging.pictures import Numbers
from portal.photos.decode import decode

PEOPLE, TIMED, TAPPED = 40, 9, 4
FRAME: Final = (768, 1024)
TALL: Final = FRAME[1] / FRAME[0]
PHOTOS: Final = Path(__file__).parents[2] / "shared" / "photos"
COPIES: Final = 6
OFF: Final = 0.01  # an aligned photo whose region is further off, in widths, has failed silently
MISS: Final = 0.0035  # of the width, each way, on each picture: a tap misses by half a percent
TAPS: Final = np.array([[0.28, 0.36], [0.72, 0.34], [0.5, 0.98]])
SECONDS: Final = 1.5
WRONG: Final = 500
SKINS: Final = ("light", "medium", "brown", "dark")
HAIRS: Final = ("dark", "dark", "dark", "grey", "blond")
VIEWS: Final = ("front", "crown", "temple")
HAIR: Final[dict[str, dict[str, Any]]] = {
    "hair undisturbed": {},
    "centre re-combed": {"comb": 7, "where": "centre"},
    "half re-combed": {"comb": 7, "recombed": 0.5},
    "fully re-combed": {"comb": 7},
}
GOALS: Final = {"hair undisturbed": (0.98, 0.1), "centre re-combed": (0.97, 0.3), "half re-combed": (0.95, None)}
EXAMPLES: Final = "real photos, perturbed copies"


@dataclass(slots=True)
class Row:
    """What happened to the pairs of one kind. Errors in widths, of those that were aligned."""

    pairs: int = 0
    corners: list[float] = field(default_factory=list)
    region: list[float] = field(default_factory=list)

    def add(self, corner: float | None, region: float) -> None:
        self.pairs += 1
        if corner is not None:
            self.corners.append(corner)
            self.region.append(region)

    @property
    def success(self) -> float:
        return sum(error <= OFF for error in self.region) / max(self.pairs, 1)

    @property
    def silent(self) -> int:
        return sum(error > OFF for error in self.region)

    def told(self, name: str) -> str:
        found = f"  {name:32} {self.pairs:4} {self.success:7.1%} {self.silent:6}"
        return found + "".join(f"  {_percent(errors)}" for errors in (self.corners, self.region))


def main() -> int:
    """Print the table; 1 when a goal of clinical.md section 7.4 is missed."""
    cv2.setNumThreads(1)
    found = figures()
    print(
        f"Laying photos over each other, {PEOPLE} drawn heads; errors median / 95th percentile, percent of the width:"
    )
    print(f"  {'':32} pairs success silent   corners         region")
    for name, row in found["rows"].items():
        print(row.told(name))
    print(
        f"  turned in depth by 5 degrees, region: matrix {_percent(found['flat'])}, curve {_percent(found['curved'])}"
    )
    print(f"  fully re-combed, three taps, region: {_percent(found['taps'])}")
    print(f"  fully re-combed, proposed for {len(found['proposed'])}, region: {_percent(found['proposed'])}")
    print(f"  wrong pictures: {found['accepted']} of {found['wrong']} accepted")
    print(f"  a pair: {found['seconds']:.2f} s of one core; by the clock, in its cage, {found['clock']:.2f} s at best")
    missed = _missed(found)
    print(f"  goals: {'all met' if not missed else 'MISSED: ' + ', '.join(missed)}")
    return 1 if missed else 0


def figures() -> dict[str, Any]:
    """All of it."""
    found: dict[str, Any] = defaultdict(list)
    rows: dict[str, Row] = defaultdict(Row)
    _wrong([_person(number, rows, found) for number in range(PEOPLE)], found)
    _real(rows)
    _timed(found)
    return dict(found) | {"rows": dict(rows)}


def _missed(found: dict[str, Any]) -> list[str]:
    rows = found["rows"]
    goals = {name: rows[name].success >= share for name, (share, _) in GOALS.items()}
    goals |= {
        f"{name}: corners": 100 * np.percentile(rows[name].corners, 95) <= most
        for name, (_, most) in GOALS.items()
        if most
    }
    goals |= {
        "silent failures": not any(row.silent for row in rows.values()),
        "three taps": np.percentile(found["taps"], 95) <= OFF,
        "wrong pictures": found["wrong"] >= WRONG and not found["accepted"],
        "seconds": found["seconds"] <= SECONDS,
    }
    return [name for name, met in goals.items() if not met]


def _percent(errors: list[float]) -> str:
    if not errors:
        return "none"
    return f"{100 * float(np.median(errors)):.3f} / {100 * float(np.percentile(errors, 95)):.3f}"


def _scene(number: int, **how: Any) -> Scene:
    who: dict[str, Any] = {"view": VIEWS[number % 3], "skin": SKINS[number // 3 % 4], "hair": HAIRS[number % 5]}
    return scalp(number, frame=FRAME, **(who | how))


def _person(number: int, rows: dict[str, Row], found: dict[str, list[float]]) -> fitting.Ground:
    first = photograph(_scene(number))
    ground = fitting.ground(first.rgb, first.scene.region)
    for name, how in HAIR.items():
        rng = np.random.default_rng([number, 1])  # the same pose and room for each state of the hair
        shot = photograph(_scene(number, **how), **follow_up(rng), **elsewhere(rng), seed=5)
        fit = _laid(shot, ground, (name, rows), first)
        if name == "fully re-combed":
            found["taps"] += _tapped(shot, first, rng)
            found["proposed"] += fit
        elif name == "hair undisturbed":
            again = photograph(_scene(number), **ghosted(rng), **mild(rng), seed=6)
            _laid(again, ground, (name, rows), first)
            _turned(number, first, ground, found)
    return ground


def _laid(shot: Shot, ground: fitting.Ground, to: tuple[str, dict[str, Row]], first: Shot) -> list[float]:
    """Note how one photo was laid; return the error of a proposal."""
    dim, true = pictures.grey(shot.rgb), _truth(shot, first)
    fit, _ = fitting.by_features(dim, features.find(dim, ground.region), ground)
    region = _off(fit.matrix, true, ground.region) if fit.matrix else 1.0
    aligned = fit.found is Found.ALIGNED and fit.matrix is not None
    to[1][to[0]].add(_corner(fit.matrix, true) if aligned and fit.matrix else None, region)
    return [region] if fit.found is Found.PROPOSED else []


def _truth(shot: Shot, first: Shot) -> Matrix:
    return pictures.from_pixels(shot.truth_to(first), shot.size, first.size)


def _square(matrix: Matrix) -> Numbers:
    return np.array(matrix).reshape(3, 3)


def _back(matrix: Matrix) -> Numbers:
    return np.asarray(np.linalg.inv(_square(matrix)), np.float64)


def _corner(matrix: Matrix, true: Matrix) -> float:
    corners = np.array([[0, 0], [1, 0], [1, TALL], [0, TALL]])
    ways = (registration.moved(_square(one), corners) for one in (matrix, true))
    return float(np.hypot(*(next(ways) - next(ways)).T).max())


def _places(region: Ellipse) -> Numbers:
    """Places that fill the region, in widths."""
    reach, angle = np.meshgrid(np.sqrt(np.linspace(0.05, 1, 8)), np.linspace(0, 2 * np.pi, 24, endpoint=False))
    across, down = region.across * reach * np.cos(angle), region.down * reach * np.sin(angle)
    return np.stack([(region.x + across).ravel(), (region.y + down).ravel() * TALL], axis=1)


def _off(matrix: Matrix, true: Matrix, region: Ellipse) -> float:
    """The mean error over the region."""
    places = _places(region)
    there = registration.moved(_back(true), places)
    return float(np.hypot(*(registration.moved(_square(matrix), there) - places).T).mean())


def _tapped(shot: Shot, first: Shot, rng: np.random.Generator) -> list[float]:
    true, errors = _truth(shot, first), []
    for _ in range(TAPPED):
        spots = registration.moved(_back(true), TAPS)
        taps = [side + rng.normal(0, MISS, side.shape) for side in (spots, TAPS)]
        errors.append(_off(landmarks.tapped(*taps), true, first.scene.region))
    return errors


def _turned(number: int, first: Shot, ground: fitting.Ground, found: dict[str, list[float]]) -> None:
    """The head itself turned by five degrees: what a matrix leaves, and what the curve leaves."""
    rng = np.random.default_rng([number, 2])
    way = rng.uniform(0, 2 * np.pi)
    shot = photograph(first.scene, **ghosted(rng), **mild(rng), tilt=(5 * np.cos(way), 5 * np.sin(way)), seed=7)
    laid, bend, _ = fitting.found_again(features.find(pictures.grey(shot.rgb), ground.region), ground, (TALL, TALL))
    if laid is None:
        return
    back = _back(laid.matrix)
    found["flat"].append(_left(shot, first, back, None))
    found["curved"].append(_left(shot, first, back, bend))


def _left(shot: Shot, first: Shot, back: Numbers, bend: Curve | None) -> float:
    """The mean error over the region, of places looked up on the photo."""
    places = _places(first.scene.region)
    there = registration.moved(back, bend.bent(places) if bend else places)
    seen = np.asarray(shot.on_canvas(there * FRAME[0] - 0.5), np.float64)
    true = registration.moved(np.asarray(np.linalg.inv(first.to_canvas), np.float64), seen)
    return float(np.hypot(*((true + 0.5) / FRAME[0] - places).T).mean())


def _wrong(heads: list[fitting.Ground], found: dict[str, Any]) -> None:
    """Each head over other people's of its own and other views, over other views of its own, and things over heads."""
    others = [photograph(_scene(number, view=VIEWS[(number + 1) % 3]), seed=8) for number in range(0, PEOPLE, 4)] + [
        photograph(thing(number, frame=FRAME), seed=8) for number in range(8)
    ]
    strange = [features.find(pictures.grey(shot.rgb), heads[0].region) for shot in others]
    pairs = [(heads[a].found, b) for a in range(PEOPLE) for b in range(PEOPLE) if a != b and (a + b) % 4 < 1]
    pairs += [(one, b) for at, one in enumerate(strange) for b in range(at % 3, PEOPLE, 3)]
    found["wrong"] = len(pairs)
    found["accepted"] = sum(fitting.found_again(one, heads[b], (TALL, TALL))[0] is not None for one, b in pairs)


def _real(rows: dict[str, Row]) -> None:
    """Copies turned, scaled, shifted, bent, coloured, blurred and saved again; nothing where the folder is absent."""
    region = Ellipse(0.5, 0.48, 0.26, 0.2)
    for path in sorted(PHOTOS.glob("*.[hj]*")):
        renditions = decode(path.read_bytes(), path.name).renditions
        picture = pictures.decoded(next(one.jpeg for one in renditions if one.name == "medium"))
        ground = fitting.ground(picture, region)
        name = EXAMPLES if _lively(picture) else "real photos of a bare surface"
        for number in range(COPIES):
            copy, true = _perturbed(picture, np.random.default_rng([number, 3]))
            aspect = pictures.aspect(picture)
            laid, _, _ = fitting.found_again(features.find(pictures.grey(copy), region), ground, (aspect, aspect))
            rows[name].add(*(_corner(laid.matrix, true), _off(laid.matrix, true, region)) if laid else (None, 1.0))


def _lively(picture: pictures.Picture) -> bool:
    """Whether anything is to be seen in it."""
    return float(cv2.Laplacian(pictures.grey(picture), cv2.CV_64F).std()) > 8  # noqa: PLR2004 - bare walls: below 6


def _perturbed(picture: pictures.Picture, rng: np.random.Generator) -> tuple[pictures.Picture, Matrix]:
    """A copy and the matrix back to the original."""
    size, tall = pictures.size(picture), pictures.aspect(picture)
    corners, middle = np.array([[0, 0], [1, 0], [1, tall], [0, tall]]), np.array([0.5, tall / 2])
    angle, scale = np.radians(rng.uniform(-15, 15)), rng.uniform(0.8, 1.25)
    spin = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]) * scale
    there = (corners - middle) @ spin.T + middle + rng.uniform(-0.08, 0.08, 2) + rng.uniform(-0.04, 0.04, (4, 2))
    bent = cv2.getPerspectiveTransform(corners.astype(np.float32), there.astype(np.float32))
    matrix = pictures.as_matrix(np.asarray(bent, np.float64))
    laid, _ = pictures.warped(picture, matrix, size)
    light = (laid / 255.0) ** rng.uniform(0.7, 1.4) * rng.uniform(0.85, 1.18, 3) * 2 ** rng.uniform(-0.5, 0.5)
    soft = cv2.GaussianBlur(light, (0, 0), rng.uniform(0.3, 1.2)) * 255 + rng.normal(0, rng.uniform(1, 5), light.shape)
    _, saved = cv2.imencode(".jpg", np.clip(soft, 0, 255).astype(np.uint8)[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 70])
    return pictures.decoded(bytes(saved)), pictures.as_matrix(_back(matrix))


def _timed(found: dict[str, Any]) -> None:
    """The processor's seconds from two files to the answer, and the clock's with the child process around it."""
    scene, rng = _scene(0), np.random.default_rng(4)
    first, later = photograph(scene), photograph(scene, **follow_up(rng), **mild(rng), seed=9)
    question = _question(scene.region, [later.jpeg, first.jpeg])
    inside, outside = [], []
    for _ in range(TIMED + 1):  # the first one starts the nursery
        used = time.process_time()
        child.answer(question)
        spent, between = time.process_time() - used, time.perf_counter()
        measure.measure(later.jpeg, first.jpeg, scene.region, scene.untreated)
        inside.append(spent)
        outside.append(time.perf_counter() - between)
    found["seconds"], found["clock"] = float(np.median(inside[1:])), min(outside[1:])


def _question(region: Ellipse, files: list[bytes]) -> bytes:
    head = {"job": "measure", "region": astuple(region), "skin": None, "landmarks": None, "given": None}
    text = json.dumps(head | {"parts": [len(file) for file in files]}).encode()
    return b"".join((struct.pack("!I", len(text)), text, *files))


if __name__ == "__main__":
    sys.exit(main())
