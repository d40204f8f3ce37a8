"""Verbs: have a photo measured, keep what was measured, choose a baseline, tap landmarks, leave a point out."""

from collections.abc import Iterable, Sequence
from uuid import UUID, uuid4

from sqlmodel import Session, col, select

from portal.accounts import queries as people
from portal.accounts.models import Person
from portal.accounts.rules import Viewer
from portal.audit import service as audit
from portal.comparison import queries
from portal.comparison.models import Alignment, Baseline, Landmarks, Reading
from portal.comparison.queries import Frame, Pair
from portal.comparison.rules import AlignState
from portal.derivations import service as derivations
from portal.derivations.models import Derivation
from portal.derivations.rules import DerivationKind, Use
from portal.imaging.measured import Fit, Found, Indices, Measured
from portal.kit import clock, jobs
from portal.kit.db import lock_row
from portal.kit.errors import Refused
from portal.photos import queries as photos
from portal.photos.models import Photo
from portal.photos.vault import Vault
from portal.photos.views import View

MEASURE = "comparison.measure"
METHOD = "1"
"""Version of the measurement; raise it when figures would come out differently, and old ones are measured anew."""
_STATES = {
    Found.ALIGNED: AlignState.ALIGNED,
    Found.PROPOSED: AlignState.PROPOSED,
    Found.NOT_ALIGNED: AlignState.NOT_ALIGNED,
}


def taken(db: Session, photo: Photo) -> None:
    """A photo came, or what is known of it changed: measure it, and whatever now has another baseline."""
    if photo.view is not View.SIDE_EFFECT and photo.taken_on is not None:
        _measure(db, [photo.id])
    _follow(db, photo.client_id, *View)


def gone(db: Session, photo: Photo) -> None:
    """A photo was withdrawn: what was measured on it goes, and what lay over it is measured anew."""
    for table in (Alignment, Reading, Landmarks, Baseline):
        for row in db.exec(select(table).where(table.photo_id == photo.id)).all():
            db.delete(row)
    db.flush()
    _follow(db, photo.client_id, photo.view)


def set_baseline(db: Session, practitioner: Viewer, photo: Photo) -> None:
    """Lay every photo of the view over this one from now on. Raises Refused for an undated one."""
    if photo.taken_on is None or photo.view is View.SIDE_EFFECT:
        raise Refused("Only a photo of the series with a date can be the baseline.")
    row = queries.chosen_baseline(db, photo.client_id, photo.view)
    row = row or Baseline(client_id=photo.client_id, view=photo.view, photo_id=photo.id, set_by_id=practitioner.id)
    row.photo_id, row.set_by_id, row.set_at = photo.id, practitioner.id, clock.now()
    db.add(row)
    db.flush()
    audit.record(db, practitioner, "comparison.baseline-set", photo, photo.client_id)
    _follow(db, photo.client_id, photo.view)


def tap(
    db: Session,
    actor: Viewer,
    photo: Photo,
    points: Sequence[tuple[float, float]],
    baseline_points: Sequence[tuple[float, float]] | None = None,
) -> None:
    """Keep the points a person tapped, in shares of width and height, and have the photo laid over by them. The
    baseline's are kept as well and used for every later photo. Raises Refused.
    """
    baseline = queries.baseline_of(db, actor, photo.client_id, photo.view)
    if baseline is None or baseline.id == photo.id:
        raise Refused("This is the photo the others are laid over; there is nothing to tap.")
    known = queries.landmarks(db, baseline.id)
    there = baseline_points or (known.points if known else [])
    if len(points) < 3 or len(points) != len(there):  # noqa: PLR2004 - three points fix a plane
        raise Refused("Please tap the same three points on both photos.")
    _keep(db, actor, photo, points)
    if baseline_points:
        _keep(db, actor, baseline, baseline_points)
    audit.record(db, actor, "comparison.tapped", photo, photo.client_id)
    _measure(db, [photo.id])


def exclude(db: Session, practitioner: Viewer, photo: Photo, reason: str) -> None:
    """Leave a photo's figures out, with a reason that everybody can read. Raises Refused where there are none."""
    row = queries.reading(db, photo.id)
    if row is None:
        raise Refused("Nothing was measured on this photo yet.")
    row.excluded_at, row.excluded_by_id, row.excluded_reason = clock.now(), practitioner.id, reason
    db.add(row)
    audit.record(db, practitioner, "comparison.excluded", photo, photo.client_id)


def include(db: Session, practitioner: Viewer, photo: Photo) -> None:
    """Count a photo's figures again."""
    row = queries.reading(db, photo.id)
    if row is not None and row.excluded_at is not None:
        row.excluded_at, row.excluded_by_id, row.excluded_reason = None, None, ""
        db.add(row)
        audit.record(db, practitioner, "comparison.included", photo, photo.client_id)


def keep(
    db: Session, vault: Vault, photo_id: UUID, baseline_id: UUID, measured: Measured, *, by_hand: bool
) -> Alignment | None:
    """Store what was measured, unless the photo was withdrawn or has another baseline by now."""
    photo = db.get_one(Photo, photo_id)
    lock_row(db, Person.__table__, photo.client_id)  # type: ignore[attr-defined]
    db.refresh(photo)
    baseline = queries.baseline_of(db, people.person(db, photo.client_id).as_viewer(), photo.client_id, photo.view)
    if photo.withdrawn_at is not None or baseline is None or baseline.id != baseline_id:
        return None
    row = queries.alignment(db, photo_id)
    before = [one for one in (row.aligned_id, row.evened_id) if one] if row else []
    row = row or Alignment(
        client_id=photo.client_id, photo_id=photo_id, baseline_id=baseline_id, state=AlignState.WAITING
    )
    row.baseline_id, row.fit_of, row.measured_at = baseline_id, METHOD, clock.now()
    _fill(row, measured.fit, by_hand=by_hand)
    pictures = ((DerivationKind.ALIGNED, measured.aligned), (DerivationKind.EVENED, measured.evened))
    made = {kind: _derived(db, vault, photo, baseline_id, kind, data) for kind, data in pictures if data}
    row.aligned_id = made[DerivationKind.ALIGNED].id if DerivationKind.ALIGNED in made else None
    row.evened_id = made[DerivationKind.EVENED].id if DerivationKind.EVENED in made else None
    db.add(row)
    _read(db, photo, measured.indices)
    db.flush()
    derivations.close(db, before)
    return row


def export_pair(db: Session, vault: Vault, viewer: Viewer, pair: Pair, use: Use, *, as_pdf: bool) -> Derivation:
    """Make one picture or page of a pair laid over each other. Raises Refused for a pair that is no result."""
    if not pair.can_be_result:
        raise Refused("These two photos are not comparable, so they are not saved as before and after.")
    before, after = _side(pair.before), _side(pair.after)
    words = [pair.verdict.headline + ".", *(reason.sentence for reason in pair.verdict.reasons), queries.LIMITS]
    client_id, title = pair.before.photo.client_id, pair.before.photo.view_name
    return derivations.export_pair(db, vault, viewer, client_id, before, after, use, title, words, as_pdf=as_pdf)


def _side(frame: Frame) -> derivations.Side:
    if frame.aligned_id is None or frame.photo.taken_on is None:
        raise Refused("These two photos have not been laid over each other yet. Please try again in a minute.")
    return derivations.Side(frame.aligned_id, frame.photo.taken_on)


def _measure(db: Session, photo_ids: Iterable[UUID]) -> None:
    for photo_id in photo_ids:
        jobs.enqueue(db, MEASURE, f"{MEASURE}:{uuid4()}", {"photo": str(photo_id)})


def _follow(db: Session, client_id: UUID, *views: View) -> None:
    """Measure anew what lies over a photo that is no longer the baseline of its view."""
    db.flush()
    owner = people.person(db, client_id).as_viewer()
    for view in views:
        baseline = queries.baseline_of(db, owner, client_id, view)
        if baseline is None:
            continue
        series = [photo.id for photo in photos.photos(db, owner, client_id, view) if photo.taken_on]
        lies = select(Alignment.photo_id).where(
            col(Alignment.photo_id).in_(series), Alignment.baseline_id != baseline.id
        )
        _measure(db, db.exec(lies).all())


def _keep(db: Session, actor: Viewer, photo: Photo, points: Sequence[tuple[float, float]]) -> None:
    row = queries.landmarks(db, photo.id)
    row = row or Landmarks(client_id=photo.client_id, photo_id=photo.id, points=[], by_id=actor.id)
    row.points, row.by_id, row.at = [[x, y] for x, y in points], actor.id, clock.now()
    db.add(row)
    db.flush()


def _fill(row: Alignment, fit: Fit, *, by_hand: bool) -> None:
    state = _STATES[fit.found]
    row.state = AlignState.BY_HAND if by_hand and state is AlignState.ALIGNED else state
    row.method, row.matrix, row.inliers = fit.method, list(fit.matrix) if fit.matrix else None, fit.inliers
    row.residual, row.overlap = fit.residual, fit.overlap


def _derived(
    db: Session, vault: Vault, photo: Photo, baseline_id: UUID, kind: DerivationKind, data: bytes
) -> Derivation:
    sources = list({photo.id, baseline_id})
    baseline = db.get_one(Photo, baseline_id)
    return derivations.make(db, vault, None, photo.client_id, kind, Use.RECORD, data, baseline.fits(1024), sources)


def _read(db: Session, photo: Photo, found: Indices) -> None:
    row = queries.reading(db, photo.id) or Reading(client_id=photo.client_id, photo_id=photo.id)
    row.coverage, row.coverage_why = found.coverage, found.coverage_why
    row.redness, row.redness_why, row.skin = found.redness, found.redness_why, found.skin
    row.numbers, row.reading_of, row.measured_at = dict(found.numbers), METHOD, clock.now()
    db.add(row)
