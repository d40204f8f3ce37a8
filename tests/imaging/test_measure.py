"""The whole way: bytes to the caged child, and its answer, which is not trusted."""

import io
import json
import struct
import subprocess
import sys
from functools import lru_cache

import cv2
import numpy as np
import pytest
from PIL import Image

from benchmarks.truth import Shot, ghosted, mild, photograph, scalp
from portal.imaging import geometry
from portal.imaging import measure as imaging
from portal.imaging.measure import NotMeasured, measure, register
from portal.imaging.measured import Ellipse, Found, Measured
from portal.kit.cage import Cage

FRAME = (600, 800)
HEAD = scalp(1, frame=FRAME)
REGION, SKIN = HEAD.region, HEAD.untreated


@lru_cache
def baseline() -> Shot:
    return photograph(HEAD)


@lru_cache
def later() -> Shot:
    rng = np.random.default_rng(5)
    return photograph(HEAD, **ghosted(rng), **mild(rng), seed=5)


@lru_cache
def usual() -> Measured:
    return measure(later().jpeg, baseline().jpeg, REGION, SKIN)


def jpeg(picture: np.ndarray, quality: int = 90) -> bytes:
    file = io.BytesIO()
    Image.fromarray(picture).save(file, "JPEG", quality=quality)
    return file.getvalue()


def opened(raw: bytes | None) -> np.ndarray:
    assert raw is not None
    return np.asarray(Image.open(io.BytesIO(raw)))


def test_a_later_photo_is_laid_over_its_baseline_and_measured_there():
    found = usual()
    assert found.fit.found is Found.ALIGNED
    assert found.fit.overlap == 1
    assert found.indices.coverage is not None
    assert found.indices.redness is not None
    ours, theirs = opened(found.aligned), opened(baseline().jpeg)
    assert ours.shape == theirs.shape == opened(found.evened).shape
    middle = (slice(240, 470), slice(160, 440))
    before = np.corrcoef(later().rgb[middle].ravel(), theirs[middle].ravel())[0, 1]
    assert np.corrcoef(ours[middle].ravel(), theirs[middle].ravel())[0, 1] > max(0.9, before + 0.2)


def test_no_change_measures_as_nearly_none():
    first = measure(baseline().jpeg, None, REGION, SKIN).indices
    second = usual().indices
    assert second.coverage == pytest.approx(first.coverage, abs=4)
    assert second.redness == pytest.approx(first.redness, abs=3)


def test_a_baseline_lies_on_itself():
    found = measure(baseline().jpeg, None, REGION, SKIN)
    assert found.fit.matrix == geometry.IDENTITY
    assert (found.fit.method, found.fit.overlap) == ("itself", 1)
    assert np.abs(opened(found.aligned).astype(int) - baseline().rgb).mean() < 3


@pytest.mark.parametrize("grey", [0, 128, None])
def test_a_photo_is_aligned_with_itself_whatever_it_shows(grey):
    raw = baseline().jpeg if grey is None else jpeg(np.full((400, 300, 3), grey, np.uint8))
    fit = measure(raw, raw, REGION, SKIN).fit
    assert fit.found is Found.ALIGNED
    assert fit.matrix == pytest.approx(geometry.IDENTITY, abs=1e-6)


@pytest.mark.parametrize("quality", [95, 70, 50])
def test_saving_a_photo_again_changes_nothing(quality):
    fit = register(jpeg(baseline().rgb, quality), baseline().jpeg, REGION)
    assert fit.found is Found.ALIGNED
    assert fit.matrix == pytest.approx(geometry.IDENTITY, abs=2e-3)


@pytest.mark.parametrize("side", [1200, 700])
def test_a_photo_of_another_size_lies_the_same(side):
    shape = (side * 3 // 4, side)
    fit = register(jpeg(cv2.resize(later().rgb, shape, interpolation=cv2.INTER_AREA)), baseline().jpeg, REGION)
    same = usual().fit
    assert fit.found is same.found is Found.ALIGNED
    assert fit.matrix == pytest.approx(same.matrix, abs=4e-3)


def test_the_same_question_has_the_same_answer():
    assert measure(later().jpeg, baseline().jpeg, REGION, SKIN) == usual()


def test_another_person_is_not_aligned_and_not_measured():
    other = photograph(scalp(2, frame=FRAME))
    found = measure(other.jpeg, baseline().jpeg, REGION, SKIN)
    assert found.fit.found is not Found.ALIGNED
    assert (found.aligned, found.evened, found.indices.coverage, found.indices.redness) == (None,) * 4
    assert found.indices.coverage_why == found.indices.redness_why == "not_aligned"


@pytest.mark.parametrize("picture", [np.zeros((800, 600, 3), np.uint8), np.full((16, 16, 3), 200, np.uint8)])
def test_a_picture_of_nothing_is_not_aligned(picture):
    fit = measure(jpeg(picture), baseline().jpeg, REGION, SKIN).fit
    assert fit.found is Found.NOT_ALIGNED
    assert fit.matrix is None
    back = measure(baseline().jpeg, jpeg(picture), REGION, SKIN).fit
    assert back.found is Found.NOT_ALIGNED


def test_a_black_photo_without_a_baseline_says_why_it_has_no_index():
    indices = measure(jpeg(np.zeros((800, 600, 3), np.uint8)), None, REGION, SKIN).indices
    assert indices.coverage is None
    assert indices.coverage_why == "too_dark"


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"no picture",
        b"\xff\xd8\xff",
        pytest.param(lambda: baseline().jpeg[:700], id="cut short"),
        pytest.param(lambda: jpeg(np.zeros((1, 1, 3), np.uint8)), id="one pixel"),
        pytest.param(lambda: jpeg(np.zeros((1, 900, 3), np.uint8)), id="one row"),
    ],
)
def test_what_is_no_picture_is_not_measured(raw):
    damaged = raw() if callable(raw) else raw
    for question in ((damaged, baseline().jpeg), (baseline().jpeg, damaged), (damaged, None)):
        with pytest.raises(NotMeasured, match="unreadable"):
            measure(*question, REGION, SKIN)


def test_a_photo_that_takes_too_long_is_not_measured():
    with pytest.raises(NotMeasured, match="too_slow"):
        measure(later().jpeg, baseline().jpeg, REGION, SKIN, timeout=0.01)


def test_three_taps_lay_a_photo():
    theirs = [(0.3, 0.3), (0.7, 0.3), (0.5, 0.7)]
    true = geometry.inverted(_true())
    ours = [(x, y * 3 / 4) for x, y in (geometry.apply(true, (x, y * 4 / 3)) for x, y in theirs)]
    fit = measure(later().jpeg, baseline().jpeg, REGION, SKIN, (ours, theirs)).fit
    assert (fit.found, fit.method, fit.inliers) == (Found.ALIGNED, "landmarks", 3)
    middle = geometry.apply(true, (0.5, 0.5))
    assert geometry.apply(fit.matrix or geometry.IDENTITY, middle) == pytest.approx((0.5, 0.5), abs=0.01)


def _true() -> geometry.Matrix:
    a = later().truth_to(baseline())
    width = FRAME[0]
    to, back = (
        (width, 0, -0.5, 0, width, -0.5, 0, 0, 1),
        (1 / width, 0, 0.5 / width, 0, 1 / width, 0.5 / width, 0, 0, 1),
    )
    return geometry.compose(back, geometry.compose(tuple(a.ravel()), to))


@pytest.mark.parametrize("ours, theirs", [([(0, 0)] * 2, [(0, 0)] * 2), ([(0, 0)] * 3, [(0, 0)] * 4)])
def test_too_few_or_uneven_taps_are_a_mistake_of_the_caller(ours, theirs):
    with pytest.raises(ValueError, match="three at least"):
        measure(later().jpeg, baseline().jpeg, REGION, SKIN, (ours, theirs))


@pytest.mark.parametrize("ours", [[(0.5, 0.5)] * 3, [(0.2, 0.2), (0.21, 0.2), (0.2, 0.21)]])
def test_taps_in_one_spot_are_not_aligned(ours):
    found = measure(later().jpeg, baseline().jpeg, REGION, SKIN, (ours, [(0.2, 0.2), (0.8, 0.2), (0.5, 0.9)]))
    assert found.fit.found is Found.NOT_ALIGNED


def test_a_matrix_that_was_given_is_used_as_it_is():
    given = (1, 0, 0.5, 0, 1, 0, 0, 0, 1)
    found = measure(baseline().jpeg, baseline().jpeg, Ellipse(0.5, 0.5, 0.2, 0.2), None, given=given)
    assert (found.fit.method, found.fit.matrix) == ("given", given)
    assert found.fit.overlap == pytest.approx(0.5, abs=0.05)
    assert opened(found.aligned)[400, 80] == pytest.approx([127] * 3, abs=3)
    assert opened(found.evened)[400, 80] == pytest.approx([127] * 3, abs=3)


def test_nothing_of_a_photo_but_pixels_comes_back():
    raw = baseline().jpeg
    planted = raw[:2] + b"\xff\xfe\x00\x12GPS 52.52 13.40" + b"\x00" * 1 + raw[2:]
    found = measure(planted, None, REGION, SKIN)
    assert b"GPS" not in (found.aligned or b"") + (found.evened or b"")


def framed(head: object, *parts: bytes) -> bytes:
    text = json.dumps(head).encode()
    return struct.pack("!I", len(text)) + text + b"".join(parts)


FIT = {"found": "aligned", "method": "sift", "matrix": [1, 0, 0, 0, 1, 0, 0, 0, 1], "inliers": 20, "residual": 0.001}
FIT |= {"overlap": 1}
INDICES = {"coverage": 40, "coverage_why": "", "redness": 1, "redness_why": "", "skin": 9, "numbers": {}}
GOOD = {"fit": FIT, "indices": INDICES, "parts": [4, 4]}
PART = b"\xff\xd8\xff\xd9"


def lying(monkeypatch: pytest.MonkeyPatch, answer: bytes) -> None:
    class Liar(Cage):
        def run(self, *_: object, **__: object) -> bytes:
            return answer

    monkeypatch.setattr(imaging, "_CAGE", Liar("", 1))


def test_a_child_that_keeps_to_the_rules_is_believed(monkeypatch):
    lying(monkeypatch, framed(GOOD, PART, PART))
    assert measure(PART, PART, REGION, SKIN).indices.coverage == 40


@pytest.mark.parametrize(
    "answer",
    [
        b"x",
        struct.pack("!I", 9999) + b"{}",
        framed([]),
        framed({}),
        framed(GOOD, PART),
        framed(GOOD, PART, PART, b"more"),
        framed(GOOD, PART, b"GIF8"),
        framed(GOOD | {"parts": [4, -4]}, PART, PART),
        framed(GOOD | {"parts": []}),
        framed(GOOD | {"fit": FIT | {"found": "surely"}}, PART, PART),
        framed(GOOD | {"fit": FIT | {"method": "guesswork"}}, PART, PART),
        framed(GOOD | {"fit": FIT | {"matrix": None}}, PART, PART),
        framed(GOOD | {"fit": FIT | {"matrix": [1] * 8}}, PART, PART),
        framed(GOOD | {"fit": FIT | {"matrix": [float("nan")] * 9}}, PART, PART),
        framed(GOOD | {"fit": FIT | {"inliers": -1}}, PART, PART),
        framed(GOOD | {"fit": FIT | {"residual": float("inf")}}, PART, PART),
        framed(GOOD | {"fit": FIT | {"overlap": 1.2}}, PART, PART),
        framed(GOOD | {"fit": FIT | {"overlap": "1"}}, PART, PART),
        framed(GOOD | {"indices": INDICES | {"coverage": 101}}, PART, PART),
        framed(GOOD | {"indices": INDICES | {"redness": float("nan")}}, PART, PART),
        framed(GOOD | {"indices": INDICES | {"coverage_why": "<script>"}}, PART, PART),
        framed(GOOD | {"indices": INDICES | {"numbers": {str(n): 1 for n in range(99)}}}, PART, PART),
    ],
)
def test_a_child_that_lies_is_not_believed(monkeypatch, answer):
    lying(monkeypatch, answer)
    with pytest.raises(NotMeasured, match="nonsense"):
        measure(PART, PART, REGION, SKIN)


def test_this_side_of_the_border_loads_no_numpy():
    asked = "import sys, portal.imaging.measure, portal.imaging.geometry; "
    code = asked + "sys.exit(len({'numpy', 'cv2'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("module", ["portal.imaging.pictures", "portal.photos.pixels"])
def test_opencv_is_told_to_work_in_one_thread_before_the_first_child(module):
    script = f"import sys, cv2; from {module} import prepare; prepare(); sys.exit(cv2.getNumThreads() - 1)"
    assert subprocess.run([sys.executable, "-c", script], timeout=60, check=False).returncode == 0
