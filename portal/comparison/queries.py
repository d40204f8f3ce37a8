"""Reads: the series of a view, a pair with its verdict, change over time. Visibility is that of the photos."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import groupby
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from portal.accounts import queries as people
from portal.accounts.rules import Viewer
from portal.bookings.models import Appointment
from portal.clinic import queries as clinic
from portal.comparison import orders, rules
from portal.comparison.change import GUIDES as INDICES
from portal.comparison.change import Index, Measured, Noise, Said, noise, said
from portal.comparison.models import Alignment, Baseline, Landmarks, Reading
from portal.comparison.rules import AlignState, Lie, Shot, Verdict
from portal.imaging import geometry
from portal.imaging.measured import Matrix
from portal.photos import queries as photos
from portal.photos.models import Photo
from portal.photos.rules import HairLength, Parting
from portal.photos.views import GUIDES, View, ViewGuide
from portal.records.models import TreatmentRecord

LIMITS = (
    "This is a measurement of this photo series. It is not a diagnosis and not a hair count. "
    "The figures come from tests with drawn photos, not yet from a study with people."
)


@dataclass(frozen=True, slots=True)
class Frame:
    """One photo in its series. `given_up`: it waits no more, because it could not be measured."""

    photo: Photo
    state: AlignState
    is_baseline: bool
    alignment: Alignment | None = None
    reading: Reading | None = None
    days_since_session: int | None = None
    verdict: Verdict | None = None
    given_up: bool = False

    @property
    def aligned_id(self) -> UUID | None:
        return self.alignment.aligned_id if self.alignment else None

    @property
    def evened_id(self) -> UUID | None:
        return self.alignment.evened_id if self.alignment else None

    @property
    def excluded_reason(self) -> str:
        return self.reading.excluded_reason if self.reading and self.reading.excluded_at else ""


@dataclass(frozen=True, slots=True)
class Series:
    """The dated photos of one view, oldest first, and the days of signed treatment sessions."""

    view: View
    frames: list[Frame]
    sessions: list[date]

    @property
    def guide(self) -> ViewGuide:
        return GUIDES[self.view]

    @property
    def baseline(self) -> Frame | None:
        return next((frame for frame in self.frames if frame.is_baseline), None)

    def frame(self, photo_id: UUID | None) -> Frame | None:
        return next((frame for frame in self.frames if frame.photo.id == photo_id), None)

    def lacks(self, *photo_ids: UUID | None) -> bool:
        """Whether one of these, where named, is not among its photos (any more)."""
        return any(one is not None and self.frame(one) is None for one in photo_ids)


@dataclass(frozen=True, slots=True)
class Pair:
    """Two frames of one series and what may be said of them."""

    before: Frame
    after: Frame
    verdict: Verdict

    @property
    def can_be_result(self) -> bool:
        return self.verdict.can_be_result


@dataclass(frozen=True, slots=True)
class Point:
    """One photo in a plot. `value`: None where not measured or not to be compared; `why` says why, as a code."""

    photo_id: UUID
    on: date
    value: float | None
    why: str
    excluded_reason: str
    comparable: bool


@dataclass(frozen=True, slots=True)
class Change:
    """One index over time, with the smallest change that can be told from none."""

    index: Index
    points: list[Point]
    noise: Noise
    said: Said
    limits: str = field(default=LIMITS)

    @property
    def title(self) -> str:
        return INDICES[self.index].title

    @property
    def unit(self) -> str:
        return INDICES[self.index].unit

    @property
    def band(self) -> float:
        return self.said.band

    @property
    def sentence(self) -> str:
        return self.said.sentence

    @property
    def band_from(self) -> str:
        if not self.noise.repeats:
            return "The band is a typical one, from tests with drawn photos. Two photos on one day make it your own."
        times = "repeat" if self.noise.repeats == 1 else "repeats"
        return f"The band rests on {self.noise.repeats} {times} of your own on one day, and on tests with drawn photos."


def first_fit(series: Sequence[Photo], since: date) -> Photo | None:
    """The photo that others are laid over when nobody chose one: the first dated one since the client came here, rather
    a good one than a poor one.
    """
    dated = [photo for photo in series if photo.taken_on is not None]
    here = [photo for photo in dated if photo.taken_on and photo.taken_on >= since] or dated
    return next((photo for photo in here if not photo.is_poor), here[0] if here else None)


def baseline_of(db: Session, viewer: Viewer, client_id: UUID, view: View) -> Photo | None:
    """The baseline of a view: a practitioner's choice, else `first_fit`."""
    return _baseline(db, client_id, view, photos.photos(db, viewer, client_id, view), since(db, viewer, client_id))


def since(db: Session, viewer: Viewer, client_id: UUID) -> date:
    """The day the client's account was made, on the clinic's calendar."""
    zone = ZoneInfo(clinic.profile(db).time_zone)
    return people.client(db, viewer, client_id).joined_at.astimezone(zone).date()


def series(db: Session, viewer: Viewer, client_id: UUID, view: View) -> Series:
    """The dated photos of one view with everything known of each. Raises NotFound for a client not to be seen."""
    found = photos.photos(db, viewer, client_id, view)
    baseline = _baseline(db, client_id, view, found, since(db, viewer, client_id))
    dated = [photo for photo in found if photo.taken_on is not None]
    ids = [photo.id for photo in dated]
    lies, readings = _by_photo(db, Alignment, ids), _by_photo(db, Reading, ids)
    days = sessions(db, client_id)
    frames = _with_given_up(db, [_frame(photo, baseline, lies, readings, days) for photo in dated])
    start = next((frame for frame in frames if frame.is_baseline), None)
    return Series(view, [_judged(frame, start) for frame in frames], days)


def pair(
    db: Session, viewer: Viewer, client_id: UUID, view: View, before_id: UUID | None, after_id: UUID | None
) -> Pair | None:
    """Two photos of a series: those asked for; the baseline and the newest where none is named. None where there are no
    two, or one that was asked for is not among them.
    """
    return pair_in(series(db, viewer, client_id, view), before_id, after_id)


def pair_in(found: Series, before_id: UUID | None, after_id: UUID | None) -> Pair | None:
    """As `pair`, in a series already read."""
    before = found.frame(before_id) if before_id else found.baseline
    after = found.frame(after_id) if after_id else found.frames[-1] if found.frames else None
    if before is None or after is None or before.photo.id == after.photo.id:
        return None
    return Pair(before, after, judge(before, after))


def judge(a: Frame, b: Frame) -> Verdict:
    """The verdict on two frames of one client."""
    return rules.comparable(shot(a), shot(b), _lie(a, b))


def shot(frame: Frame) -> Shot:
    """What the rules are told of a photo. The baseline is what parting and length of the others are compared with."""
    photo, numbers = frame.photo, frame.photo.quality or {}
    return Shot(
        photo=str(photo.id),
        view=photo.view.value,
        sharpness=numbers.get("sharpness"),
        luma=numbers.get("luma"),
        clipped=numbers.get("clipped", 0.0),
        dark=numbers.get("dark", 0.0),
        cast=numbers.get("cast"),
        skin=frame.reading.skin if frame.reading else None,
        wetness=photo.wetness,
        product=photo.product,
        parting=Parting.SAME if frame.is_baseline else photo.parting,
        length=HairLength.SAME if frame.is_baseline else photo.length,
        days=frame.days_since_session,
    )


def change(db: Session, viewer: Viewer, client_id: UUID, view: View) -> list[Change]:
    """Both indices of one view over time; the noise is that of all the client's views. Raises NotFound."""
    return change_in(db, viewer, client_id, series(db, viewer, client_id, view))


def change_in(db: Session, viewer: Viewer, client_id: UUID, found: Series) -> list[Change]:
    """As `change`, for a series already read."""
    repeats = _repeats(db, viewer, client_id)
    return [_change(index, found, noise(repeats[index], INDICES[index].typical)) for index in Index]


def landmarks(db: Session, photo_id: UUID) -> Landmarks | None:
    """The points tapped on a photo, if any."""
    return db.exec(select(Landmarks).where(Landmarks.photo_id == photo_id)).first()


def alignment(db: Session, photo_id: UUID) -> Alignment | None:
    """How a photo lies; None while nothing was measured."""
    return db.exec(select(Alignment).where(Alignment.photo_id == photo_id)).first()


def reading(db: Session, photo_id: UUID) -> Reading | None:
    """What was measured on a photo."""
    return db.exec(select(Reading).where(Reading.photo_id == photo_id)).first()


def chosen_baseline(db: Session, client_id: UUID, view: View) -> Baseline | None:
    """The row of a practitioner's choice."""
    return db.exec(select(Baseline).where(Baseline.client_id == client_id, Baseline.view == view)).first()


def sessions(db: Session, client_id: UUID) -> list[date]:
    """The days of a client's signed treatment sessions on the clinic's calendar, oldest first."""
    zone = ZoneInfo(clinic.profile(db).time_zone)
    wanted = (
        select(Appointment.starts_at)
        .join(TreatmentRecord, col(TreatmentRecord.appointment_id) == col(Appointment.id))
        .where(Appointment.client_id == client_id, col(TreatmentRecord.signed_at).is_not(None))
    )
    return sorted({moment.astimezone(zone).date() for moment in db.exec(wanted)})


def _baseline(db: Session, client_id: UUID, view: View, found: Sequence[Photo], since: date) -> Photo | None:
    chosen = chosen_baseline(db, client_id, view)
    named = next((photo for photo in found if chosen and photo.id == chosen.photo_id), None)
    return named or first_fit(found, since)


def _by_photo(db: Session, table: Any, ids: Sequence[UUID]) -> dict[UUID, Any]:
    return {row.photo_id: row for row in db.exec(select(table).where(col(table.photo_id).in_(ids)))}


def _frame(
    photo: Photo,
    baseline: Photo | None,
    lies: dict[UUID, Alignment],
    readings: dict[UUID, Reading],
    days: list[date],
) -> Frame:
    lie = lies.get(photo.id)
    current = lie if lie and baseline and lie.baseline_id == baseline.id else None
    state = current.state if current else AlignState.WAITING
    is_baseline = baseline is not None and photo.id == baseline.id
    reading = readings.get(photo.id) if current else None
    return Frame(photo, state, is_baseline, current, reading, _days_since(days, photo.taken_on))


def _days_since(days: list[date], taken_on: date | None) -> int | None:
    at = bisect_right(days, taken_on) if taken_on else 0
    return (taken_on - days[at - 1]).days if at and taken_on else None


def _with_given_up(db: Session, frames: list[Frame]) -> list[Frame]:
    start = next((frame.photo for frame in frames if frame.is_baseline), None)
    waiting = [frame.photo.id for frame in frames if frame.state is AlignState.WAITING]
    given_up = orders.given_up(db, waiting, start.view, start.id) if start and waiting else set()
    return [replace(frame, given_up=frame.photo.id in given_up) for frame in frames]


def _judged(frame: Frame, start: Frame | None) -> Frame:
    return frame if start is None or frame.is_baseline else replace(frame, verdict=judge(start, frame))


def _lie(a: Frame, b: Frame) -> Lie:
    """How two photos lie over each other, by way of their common baseline."""
    states = {a.state, b.state}
    if a.given_up or b.given_up:
        return Lie(AlignState.WAITING, given_up=True)
    for worst in (AlignState.WAITING, AlignState.NOT_ALIGNED, AlignState.PROPOSED):
        if worst in states:
            return Lie(worst)
    one, other = a.alignment, b.alignment
    if one is None or other is None or one.matrix is None or other.matrix is None:
        return Lie(AlignState.NOT_ALIGNED)
    try:
        between = geometry.compose(geometry.inverted(_matrix(one.matrix)), _matrix(other.matrix))
        lies = geometry.shape(between, b.photo.height / b.photo.width)
    except ValueError:
        return Lie(AlignState.NOT_ALIGNED)
    state = AlignState.BY_HAND if AlignState.BY_HAND in states else AlignState.ALIGNED
    residual = ((one.residual or 0.0) ** 2 + (other.residual or 0.0) ** 2) ** 0.5
    return Lie(state, lies.scale, lies.turn, lies.keystone, residual, min(one.overlap or 0.0, other.overlap or 0.0))


def _matrix(numbers: Sequence[float]) -> Matrix:
    a, b, c, d, e, f, g, h, i = numbers
    return a, b, c, d, e, f, g, h, i


def _value(reading: Reading | None, index: Index) -> tuple[float | None, str]:
    if reading is None:
        return None, "waiting"
    if index is Index.COVERAGE:
        return reading.coverage, reading.coverage_why
    return reading.redness, reading.redness_why


def _point(frame: Frame, index: Index) -> Point:
    value, why = (None, "given_up") if frame.given_up else _value(frame.reading, index)
    can = frame.is_baseline or (frame.verdict is not None and frame.verdict.can_be_result)
    return Point(
        frame.photo.id,
        frame.photo.taken_on or date.min,
        value if can else None,
        why if can else "not_comparable",
        frame.excluded_reason,
        can,
    )


def _change(index: Index, found: Series, known: Noise) -> Change:
    points = [_point(frame, index) for frame in found.frames]
    start = found.baseline.photo.taken_on if found.baseline else None
    measured = [
        Measured(point.on, point.value)
        for point in points
        if point.value is not None and not point.excluded_reason and start and point.on >= start
    ]
    later = any(start and point.on > start for point in points)
    return Change(index, points, known, said(index, measured, known, more=later))


def _repeats(db: Session, viewer: Viewer, client_id: UUID) -> dict[Index, list[list[float]]]:
    """Figures of the same view and day, for every view of the client: what repeats of one thing differ by."""
    seen = [photo for photo in photos.photos(db, viewer, client_id) if photo.taken_on]
    readings = _by_photo(db, Reading, [photo.id for photo in seen])
    found: dict[Index, list[list[float]]] = {index: [] for index in Index}
    for _, group in groupby(sorted(seen, key=_day_of), key=_day_of):
        takes = [readings.get(photo.id) for photo in group]
        kept = [one for one in takes if one and not one.excluded_at]
        for index, days in found.items():
            values = [value for value in (_value(one, index)[0] for one in kept) if value is not None]
            if len(values) > 1:
                days.append(values)
    return found


def _day_of(photo: Photo) -> tuple[str, date]:
    return photo.view.value, photo.taken_on or date.min
