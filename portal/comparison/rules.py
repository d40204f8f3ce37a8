"""Whether two photos of a scalp can be compared, and why not: a pure function over measured numbers.

Limits are the start values of clinical.md section 5, tried on synthetic photos (docs/measurement.md). Each fault has
two limits: past the first a pair is to be read with care, past the second it cannot be compared.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from math import log2
from typing import Final

from portal.photos.rules import HairLength, Parting, Product, Wetness


class AlignState(StrEnum):
    """Where a photo stands over its baseline. PROPOSED waits for a person; BY_HAND was tapped by one."""

    WAITING = "waiting"
    ALIGNED = "aligned"
    PROPOSED = "proposed"
    BY_HAND = "by_hand"
    NOT_ALIGNED = "not_aligned"

    @property
    def lies_over(self) -> bool:
        return self in {AlignState.ALIGNED, AlignState.BY_HAND}


class Level(StrEnum):
    """What may be said of a pair."""

    COMPARABLE = "comparable"
    WITH_CARE = "with_care"
    NOT_COMPARABLE = "not_comparable"

    @property
    def rank(self) -> int:
        return list(Level).index(self)


WAITING: Final = "waiting"
HEADLINES: Final = {
    Level.COMPARABLE: "Comparable",
    Level.WITH_CARE: "Comparable with care",
    Level.NOT_COMPARABLE: "Not comparable",
}


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing that stands between two photos: a code, how much it weighs, a sentence that says what to do better."""

    code: str
    level: Level
    sentence: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What may be said of a pair: as bad as its worst reason."""

    reasons: tuple[Reason, ...] = ()

    @property
    def level(self) -> Level:
        return max((reason.level for reason in self.reasons), key=lambda level: level.rank, default=Level.COMPARABLE)

    @property
    def is_waiting(self) -> bool:
        """Whether one of the two has not been measured yet."""
        return any(reason.code == WAITING for reason in self.reasons)

    @property
    def headline(self) -> str:
        return "Not measured yet" if self.is_waiting else HEADLINES[self.level]

    @property
    def can_be_result(self) -> bool:
        return self.level is not Level.NOT_COMPARABLE


@dataclass(frozen=True, slots=True)
class Shot:
    """What is known of one photo. Figures as in `photos.quality.Quality`; `skin`: 100 log10(R/G) of untreated skin,
    None where the view shows none. `days`: since the treatment session before it, None without one.
    """

    photo: str
    view: str
    sharpness: float | None = None
    luma: float | None = None
    clipped: float = 0.0
    dark: float = 0.0
    cast: float | None = None
    skin: float | None = None
    wetness: Wetness = Wetness.UNKNOWN
    product: Product = Product.UNKNOWN
    parting: Parting = Parting.UNKNOWN
    length: HairLength = HairLength.UNKNOWN
    days: int | None = None


@dataclass(frozen=True, slots=True)
class Lie:
    """How one photo lies over the other. `scale`: the larger picture over the smaller in area's square root, `turn`:
    degrees, `keystone`: ratio of opposite sides (1 or more), `residual` and `overlap`: shares from 0 to 1. `given_up`:
    one of them could not be measured, however often it was tried.
    """

    state: AlignState
    scale: float = 1.0
    turn: float = 0.0
    keystone: float = 1.0
    residual: float = 0.0
    overlap: float = 1.0
    given_up: bool = False


# (with care past, not comparable past)
SCALE: Final = (1.15, 1.4)
TURN: Final = (10.0, 20.0)
KEYSTONE: Final = (1.15, 1.35)
RESIDUAL: Final = (0.0025, 0.02)
OVERLAP_MISSING: Final = (0.10, 0.25)
SHARPNESS: Final = (0.4, 0.6)
STOPS: Final = (0.8, 1.6)
CLIPPED: Final = (0.03, 0.10)
DARK: Final = (0.10, 0.30)
SKIN: Final = (4.0, 8.0)
CAST: Final = (6.0, 12.0)
RECENT: Final = (7, 3)
GAMMA: Final = 2.2


def comparable(a: Shot, b: Shot, lie: Lie) -> Verdict:
    """Whether `a` and `b` can be compared, with every reason why not; the order of the two does not matter.

    A photo and itself are always comparable.
    """
    if a.photo == b.photo:
        return Verdict()
    return Verdict(tuple(_reasons(a, b, lie)))


def _reasons(a: Shot, b: Shot, lie: Lie) -> Iterator[Reason]:
    if a.view != b.view:
        yield Reason("view", Level.NOT_COMPARABLE, "They show different views.")
        return
    yield from _aligned(lie)
    if lie.state.lies_over:
        yield from _posed(lie)
    yield from _lit(a, b)
    yield from _said(a, b)
    yield from _rested(a, b)


def _aligned(lie: Lie) -> Iterator[Reason]:
    sentences = {
        AlignState.WAITING: "They have not been measured yet. That usually takes a few seconds.",
        AlignState.PROPOSED: "The computer is not sure how they lie over each other. Please tap three points.",
        AlignState.NOT_ALIGNED: "They could not be laid over each other. If it is the same view, tap three points.",
    }
    if lie.given_up:
        yield Reason("given_up", Level.NOT_COMPARABLE, "One of them could not be measured.")
    elif lie.state in sentences:
        code = WAITING if lie.state is AlignState.WAITING else "not_aligned"
        yield Reason(code, Level.NOT_COMPARABLE, sentences[lie.state])
    elif lie.state is AlignState.BY_HAND:
        yield Reason("by_hand", Level.WITH_CARE, "They were laid over each other by hand.")


def _posed(lie: Lie) -> Iterator[Reason]:
    yield from _past(
        "scale", max(lie.scale, 1 / lie.scale), SCALE, "One was taken from closer. Use the outline for the distance."
    )
    yield from _past("turn", abs(lie.turn), TURN, "The camera was turned. Keep it upright.")
    yield from _past(
        "perspective", lie.keystone, KEYSTONE, "They were taken at different angles. Hold the camera straight above."
    )
    yield from _past("residual", lie.residual, RESIDUAL, "They do not lie over each other exactly.")
    yield from _past("overlap", 1 - lie.overlap, OVERLAP_MISSING, "Part of the view is missing from one of them.")


def _lit(a: Shot, b: Shot) -> Iterator[Reason]:
    if a.sharpness is None or b.sharpness is None or a.luma is None or b.luma is None:
        yield Reason("unmeasured", Level.NOT_COMPARABLE, "One of them was never measured.")
        return
    yield from _past(
        "sharpness", abs(a.sharpness - b.sharpness), SHARPNESS, "One is sharper than the other. Hold the phone still."
    )
    yield from _exposed(a, b)
    yield from _coloured(a, b)


def _exposed(a: Shot, b: Shot) -> Iterator[Reason]:
    stops = abs(_stops(a.luma) - _stops(b.luma))
    found = [
        *_past("exposure", stops, STOPS, "One is brighter than the other. Use the same lamp or window."),
        *_past("exposure", max(a.clipped, b.clipped), CLIPPED, "Parts of one are blown out. Use softer light."),
        *_past("exposure", max(a.dark, b.dark), DARK, "Parts of one are black. Use more light."),
    ]
    yield from sorted(found, key=lambda reason: -reason.level.rank)[:1]


def _stops(luma: float | None) -> float:
    """Luma (0 to 255) as light, in powers of two."""
    return GAMMA * log2(max(luma or 0.0, 1.0) / 255)


def _coloured(a: Shot, b: Shot) -> Iterator[Reason]:
    sentence = "The light has another colour. Use the same lamp or window."
    if a.skin is not None and b.skin is not None:
        yield from _past("colour", abs(a.skin - b.skin), SKIN, sentence)
    elif a.cast is not None and b.cast is not None:
        yield from _past("colour", abs(a.cast - b.cast), CAST, sentence)


def _said(a: Shot, b: Shot) -> Iterator[Reason]:
    """What the client said of the hair: a difference cannot be compared, silence only with care."""
    wet = {a.wetness, b.wetness}
    if wet == {Wetness.DRY, Wetness.WET}:
        yield Reason(
            "wetness", Level.NOT_COMPARABLE, "The hair is wet in one of them: wet hair clumps and shows more scalp."
        )
    elif wet == {Wetness.WET}:
        yield Reason("wetness", Level.WITH_CARE, "The hair is wet in both: wet hair clumps and shows more scalp.")
    if Product.SOME in {a.product, b.product}:
        yield Reason(
            "product",
            Level.NOT_COMPARABLE,
            "There is product in the hair, which hides scalp or clumps hair.",
        )
    if Parting.OTHER in {a.parting, b.parting}:
        yield Reason("parting", Level.NOT_COMPARABLE, "The hair is parted differently.")
    if _differ(a.length, b.length):
        yield Reason("length", Level.WITH_CARE, "The hair is not equally long: short hair shows more scalp.")
    if "unknown" in {*wet, a.product, b.product, a.parting, b.parting, a.length, b.length}:
        yield Reason(
            "unsaid", Level.WITH_CARE, "It was not said whether the hair was dry, without product and combed alike."
        )


def _differ(a: HairLength, b: HairLength) -> bool:
    return HairLength.UNKNOWN not in {a, b} and a is not b


def _rested(a: Shot, b: Shot) -> Iterator[Reason]:
    """A scalp is red, swollen and flaking for hours to days after needling (clinical.md section 1: 72 h, 7 days)."""
    days = min((shot.days for shot in (a, b) if shot.days is not None), default=None)
    if days is None or days >= RECENT[0]:
        return
    level = Level.NOT_COMPARABLE if days < RECENT[1] else Level.WITH_CARE
    yield Reason("session", level, "One was taken within a week after a session, while the scalp still recovers.")


def _past(code: str, value: float, limits: tuple[float, float], sentence: str) -> Iterator[Reason]:
    care, stop = limits
    if value > stop:
        yield Reason(code, Level.NOT_COMPARABLE, sentence)
    elif value > care:
        yield Reason(code, Level.WITH_CARE, sentence)
