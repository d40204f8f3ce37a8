"""A series of one view made by hand: frames, changes and rows in the states that measuring leaves behind."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlmodel import Session

from portal.comparison.change import GUIDES, Index, Measured, noise, said
from portal.comparison.models import Alignment, Reading
from portal.comparison.queries import Change, Frame, Pair, Point, Series
from portal.comparison.rules import AlignState, Level, Reason, Verdict
from portal.derivations import service as derivations
from portal.derivations.rules import DerivationKind, Use
from portal.photos.models import Photo
from portal.photos.rules import HairLength, Parting, Product, Wetness
from portal.photos.vault import Vault
from portal.photos.views import View
from tests.make import a_jpeg

FIRST = date(2026, 1, 10)
SQUARE = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0)
GOOD = {"sharpness": 5.0, "luma": 120.0, "clipped": 0.0, "dark": 0.0, "cast": 2.0}
BAD = Verdict((Reason("wetness", Level.NOT_COMPARABLE, "The hair is wet in one of them."),))


def a_photo(days: int = 0, size: tuple[int, int] = (810, 1080)) -> Photo:
    """A photo of the crown, so many days after the first; in no database."""
    names: dict[str, Any] = {name: name for name in ("original", "large", "medium", "small", "sha256", "dhash")}
    width, height = size
    who = uuid4()
    taken = FIRST + timedelta(days=days)
    return Photo(
        client_id=who, uploaded_by=who, view=View.CROWN, taken_on=taken, width=width, height=height, format="JPEG",
        size=1, **names,
    )  # fmt: skip


def a_stored_photo(db: Session, vault: Vault, client_id: UUID, taken_on: date, shade: int) -> Photo:
    """A photo of the crown as intake leaves it, without the child process that would decode it."""
    raw, key = a_jpeg(shade=shade), vault.key_of(db, client_id)
    names: dict[str, Any] = {name: vault.put(key, raw) for name in ("original", "large", "medium", "small")}
    photo = Photo(
        client_id=client_id, uploaded_by=client_id, view=View.CROWN, taken_on=taken_on, width=640, height=480,
        format="JPEG", size=len(raw), sha256=f"{shade:064d}", dhash=f"{shade:016d}", **names,
    )  # fmt: skip
    db.add(photo)
    db.flush()
    return photo


def a_frame(
    days: int,
    state: AlignState = AlignState.ALIGNED,
    verdict: Verdict | None = None,
    size: tuple[int, int] = (810, 1080),
) -> Frame:
    """A frame with its aligned and evened copies where its state has them; the one of day 0 is the baseline."""
    photo = a_photo(days, size)
    lie = Alignment(client_id=photo.client_id, photo_id=photo.id, baseline_id=photo.id, state=state)
    if state.lies_over:
        lie.aligned_id, lie.evened_id = uuid4(), uuid4()
    return Frame(photo, state, days == 0, lie, None, None, None if days == 0 else verdict or Verdict())


def a_series(*frames: Frame, sessions: tuple[int, ...] = ()) -> Series:
    """These frames, and sessions on these days after the first."""
    return Series(View.CROWN, list(frames), [FIRST + timedelta(days=day) for day in sessions])


def a_pair(before: Frame, after: Frame, verdict: Verdict | None = None) -> Pair:
    return Pair(before, after, verdict or Verdict())


def a_point(days: int, value: float | None, *, left_out: str = "", comparable: bool = True, why: str = "") -> Point:
    return Point(uuid4(), FIRST + timedelta(days=days), value, why, left_out, comparable)


def a_change(*points: Point, index: Index = Index.COVERAGE) -> Change:
    """What the rules say of these points."""
    known = noise([], GUIDES[index].typical)
    return Change(index, list(points), known, said(index, _counted(points), known))


def _counted(points: tuple[Point, ...]) -> list[Measured]:
    kept = [point for point in points if point.comparable and not point.excluded_reason]
    return [Measured(point.on, point.value) for point in kept if point.value is not None]


def measured(
    db: Session, vault: Vault, photo: Photo, baseline: Photo, *, state: AlignState = AlignState.ALIGNED, value: float
) -> None:
    """Write what a measurement of this photo would have left: how it lies, its copies, its figures."""
    photo.quality, photo.wetness, photo.product = dict(GOOD), Wetness.DRY, Product.NONE
    photo.parting, photo.length = Parting.SAME, HairLength.SAME
    lie = Alignment(client_id=photo.client_id, photo_id=photo.id, baseline_id=baseline.id, state=state)
    if state.lies_over:
        lie.matrix, lie.overlap, lie.residual = list(SQUARE), 1.0, 0.0
        lie.aligned_id, lie.evened_id = (_copy(db, vault, photo, kind) for kind in _COPIES)
    db.add_all([photo, lie, Reading(client_id=photo.client_id, photo_id=photo.id, coverage=value)])
    db.flush()


_COPIES = (DerivationKind.ALIGNED, DerivationKind.EVENED)


def _copy(db: Session, vault: Vault, photo: Photo, kind: DerivationKind) -> UUID:
    size = photo.fits(1024)
    made = derivations.make(db, vault, None, photo.client_id, kind, Use.RECORD, a_jpeg(size=size), size, [photo.id])
    return made.id
