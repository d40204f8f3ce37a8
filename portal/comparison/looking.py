"""How a series and a pair are shown: which picture of each photo, what lies on what, the months in words. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from portal.comparison.queries import Frame, Pair, Series
from portal.comparison.rules import AlignState, Level

LONGEST: Final = 1024
"""The longest side of a medium rendition, in pixels; an aligned copy has the size of the baseline's."""

GIVEN_UP: Final = "could not be measured"
STATES: Final = {
    AlignState.WAITING: "being measured",
    AlignState.ALIGNED: "aligned",
    AlignState.PROPOSED: "needs three points",
    AlignState.BY_HAND: "aligned by hand",
    AlignState.NOT_ALIGNED: "not aligned",
}
WHY: Final = {
    "waiting": "being measured",
    "given_up": GIVEN_UP,
    "not_comparable": "not comparable with the first photo",
    "not_aligned": "not aligned, so not measured",
    "hair_not_darker": "not measured: the hair is not clearly darker than the skin",
    "no_reference_skin": "not measured: no untreated skin is in the picture",
    "no_region": "not measured: this view has no region to measure",
    "too_dark": "not measured: the photo is too dark",
    "too_bright": "not measured: the photo is too bright",
}
NOT_MEASURED: Final = "not measured"
_WEEK, _MONTH = 7, 30.44
_FEW_DAYS, _FEW_WEEKS = 14, 70


@dataclass(frozen=True, slots=True)
class Sight:
    """One photo as shown. `picture`: a derived picture in the baseline's frame; None: the photo's own rendition."""

    frame: Frame
    picture: UUID | None
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Look:
    """Two photos beside each other. `together`: both lie in one frame; `overlay`: they may be laid over each other."""

    before: Sight
    after: Sight
    together: bool
    overlay: bool
    even: bool
    can_even: bool


@dataclass(frozen=True, slots=True)
class StripItem:
    """A photo (`frame`) or a treatment session (`number`) on the filmstrip; `gap`: the time since the item before."""

    on: date
    gap: str
    frame: Frame | None = None
    number: int = 0


def lies(frame: Frame) -> bool:
    """Whether a picture of the photo lies in the baseline's frame; a mere proposal does not."""
    return frame.is_baseline or (frame.state.lies_over and frame.aligned_id is not None)


def in_order(pair: Pair) -> Pair:
    """The same two, the earlier one first; what is said of them does not depend on the order."""
    first, last = pair.before.photo.taken_on, pair.after.photo.taken_on
    return Pair(pair.after, pair.before, pair.verdict) if first and last and first > last else pair


def look(pair: Pair, baseline: Frame | None, *, even: bool) -> Look:
    """How a pair is shown. The light is evened on both or on none; a pair that is no result is never laid over."""
    together = baseline is not None and lies(pair.before) and lies(pair.after)
    can_even = together and pair.before.evened_id is not None and pair.after.evened_id is not None
    start = baseline if together else None
    before, after = (_sight(frame, start, even=even and can_even) for frame in (pair.before, pair.after))
    return Look(before, after, together, together and pair.can_be_result, even and can_even, can_even)


def _sight(frame: Frame, start: Frame | None, *, even: bool = False) -> Sight:
    if start is None:
        return Sight(frame, None, *frame.photo.fits(LONGEST))
    return Sight(frame, frame.evened_id if even else frame.aligned_id, *start.photo.fits(LONGEST))


def lapse(series: Series) -> list[Sight]:
    """The photos of the time-lapse: those that lie in the baseline's frame and may be compared with it."""
    start = series.baseline
    return [_sight(frame, start) for frame in series.frames if start and lies(frame) and _counts(frame)]


def _counts(frame: Frame) -> bool:
    return frame.is_baseline or (frame.verdict is not None and frame.verdict.level is not Level.NOT_COMPARABLE)


def strip(series: Series) -> list[StripItem]:
    """Photos and treatment sessions in order of time; a photo of the day of a session was taken before it."""
    photos = [(frame.photo.taken_on, 0, frame) for frame in series.frames if frame.photo.taken_on]
    sessions = [(on, number, None) for number, on in enumerate(series.sessions, 1)]
    return list(_gapped(sorted([*photos, *sessions], key=lambda item: (item[0], item[1]))))


def _gapped(items: Sequence[tuple[date, int, Frame | None]]) -> Iterator[StripItem]:
    before: date | None = None
    for on, number, frame in items:
        gap = "" if before is None else "the same day" if before == on else f"{apart(before, on)} later"
        yield StripItem(on, gap, frame, number)
        before = on


def apart(first: date, last: date) -> str:
    """The time between two days in words: “9 days”, “5 weeks”, “4 months”."""
    days = abs((last - first).days)
    if days < _FEW_DAYS:
        return _counted(days, "day")
    if days < _FEW_WEEKS:
        return _counted(round(days / _WEEK), "week")
    return _counted(round(days / _MONTH), "month")


def _counted(count: int, word: str) -> str:
    return f"{count} {word}{'' if count == 1 else 's'}"


def neighbours(series: Series, pair: Pair) -> tuple[Frame | None, Frame | None]:
    """The photos before and after the later one of a pair, leaving out the earlier one."""
    others = [frame for frame in series.frames if frame.photo.id != pair.before.photo.id]
    at = next((n for n, frame in enumerate(others) if frame.photo.id == pair.after.photo.id), 0)
    return (others[at - 1] if at else None, others[at + 1] if at + 1 < len(others) else None)


def state(frame: Frame) -> str:
    """Where a photo stands over its baseline, in words."""
    return GIVEN_UP if frame.given_up else STATES[frame.state]


def waiting(frames: Sequence[Frame]) -> int:
    """How many photos are still being measured."""
    return sum(frame.state is AlignState.WAITING and not frame.given_up for frame in frames)


def given_up(frames: Sequence[Frame]) -> list[Frame]:
    """Photos that could not be measured."""
    return [frame for frame in frames if frame.given_up]


def to_tap(series: Series) -> list[Frame]:
    """Photos of which the computer is not sure, or that it could not lay over the baseline."""
    asked = {AlignState.PROPOSED, AlignState.NOT_ALIGNED}
    return [frame for frame in series.frames if frame.state in asked and not frame.is_baseline]
