"""Verbs: have a photo measured, keep what was measured, choose a baseline, tap landmarks, leave a point out."""

from collections.abc import Collection, Sequence
from math import isclose
from uuid import UUID

from sqlmodel import Session, col, select

from portal.accounts import queries as people
from portal.accounts.models import Person
from portal.accounts.rules import Viewer
from portal.audit import service as audit
from portal.comparison import orders, queries
from portal.comparison.models import Alignment, Baseline, Landmarks, Reading
from portal.comparison.queries import Frame, Pair
from portal.comparison.rules import AlignState
from portal.derivations import queries as pictures
from portal.derivations import service as derivations
from portal.derivations.models import Derivation
from portal.derivations.rules import DerivationKind, Use
from portal.imaging.measured import Fit, Found, Indices, Measured
from portal.kit import clock, limits
from portal.kit.db import lock_row
from portal.kit.errors import Refused
from portal.notifications import service as notifications
from portal.photos import queries as photos
from portal.photos.models import Photo
from portal.photos.vault import Vault
from portal.photos.views import View

METHOD = "1"
"""Version of the measurement; raise it when figures would come out differently, and old ones are measured anew."""
AN_HOUR, IN_AN_HOUR = 3600, 120
_PERSON = Person.__table__  # type: ignore[attr-defined]
_STATES = {
    Found.ALIGNED: AlignState.ALIGNED,
    Found.PROPOSED: AlignState.PROPOSED,
    Found.NOT_ALIGNED: AlignState.NOT_ALIGNED,
}
_SAME = 1e-6  # in widths of a photo: a thousandth of a pixel


def taken(db: Session, photo: Photo) -> None:
    """A photo came, or what is known of it changed: measure whatever does not lie over the baseline of its view. What
    was said of the hair changes verdicts and measures nothing.
    """
    _follow(db, photo.client_id, *View)


def relabelled(db: Session, photo: Photo) -> None:
    """A photo is of another view than was thought: what was measured, tapped and decided about it was about that."""
    found = queries.alignment(db, photo.id)
    _close(db, photo, _copies(found))
    _forget(db, photo, Alignment, Reading, Landmarks)


def gone(db: Session, photo: Photo) -> None:
    """A photo was withdrawn: what was measured on it goes, and what lay over it is measured anew."""
    _forget(db, photo, Alignment, Reading, Landmarks, Baseline)
    _follow(db, photo.client_id, photo.view)


def set_baseline(db: Session, practitioner: Viewer, photo: Photo) -> None:
    """Lay every photo of the view over this one from now on. Raises Refused for one that stands in no series."""
    _hold(db, practitioner, photo)
    if photo.apart_since is not None:
        raise Refused("This photo is kept apart until the client confirms it, so it cannot be the baseline.")
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
    over: UUID | None = None,
) -> None:
    """Keep the points a person tapped, in shares of width and height, and have the photo laid over by them. With them
    are kept those of the baseline, which are also offered for every later photo. `over`: the baseline that was shown.
    Raises Refused.
    """
    _hold(db, actor, photo)
    baseline = queries.baseline_of(db, actor, photo.client_id, photo.view)
    if baseline is None or baseline.id == photo.id:
        raise Refused("This is the photo the others are laid over; there is nothing to tap.")
    if over not in {None, baseline.id}:
        raise Refused("Another photo is the first one by now. Please begin again.")
    known = queries.landmarks(db, baseline.id)
    there = _kept_points(baseline_points or ()) or (known.points if known else [])
    if len(points) < 3 or len(points) != len(there):  # noqa: PLR2004 - three points fix a plane
        raise Refused("Please tap the same three points on both photos.")
    _keep(db, actor, photo, _kept_points(points), (baseline, there))
    if known is None or known.points != there:
        _keep(db, actor, baseline, there, (baseline, there))
    audit.record(db, actor, "comparison.tapped", photo, photo.client_id)
    orders.measure(db, photo.id, photo.view, baseline.id)


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
    db: Session, vault: Vault, photo_id: UUID, over: tuple[View, UUID], measured: Measured, *, by_hand: bool
) -> Alignment | None:
    """Store what was measured `over` a baseline of a view, unless the photo was withdrawn, is of another view or has
    another baseline by now. Copies of a photo that lies as before stay, and with them what was made of them.
    """
    photo = db.get_one(Photo, photo_id)
    lock_row(db, _PERSON, photo.client_id)
    db.refresh(photo)
    baseline = queries.baseline_of(db, people.person(db, photo.client_id).as_viewer(), photo.client_id, photo.view)
    if photo.withdrawn_at is not None or baseline is None or (photo.view, baseline.id) != over:
        return None
    row = queries.alignment(db, photo_id) or Alignment(
        client_id=photo.client_id, photo_id=photo_id, baseline_id=baseline.id, state=AlignState.WAITING
    )
    stays = _lies_as_before(db, row, baseline.id, measured.fit)
    row.baseline_id, row.fit_of, row.measured_at = baseline.id, METHOD, clock.now()
    _fill(row, measured.fit, by_hand=by_hand)
    before = [] if stays else _copies(row)
    if not stays:
        row.aligned_id = _derived(db, vault, photo, baseline, DerivationKind.ALIGNED, measured.aligned)
        row.evened_id = _derived(db, vault, photo, baseline, DerivationKind.EVENED, measured.evened)
    db.add(row)
    _read(db, photo, measured.indices)
    db.flush()
    _close(db, photo, before)
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


def _hold(db: Session, actor: Viewer, photo: Photo) -> None:
    """Hold the client's row: what is read from here on stays true. Raises TooMany, and Refused for a photo that was
    withdrawn meanwhile.
    """
    limits.spend(db, "comparison", str(actor.id), limit=IN_AN_HOUR, seconds=AN_HOUR)
    db.flush()
    lock_row(db, _PERSON, photo.client_id)
    db.expire_all()  # also what was read before the row was held
    if photo.withdrawn_at is not None:
        raise Refused("This photo is not there any more.")


def _follow(db: Session, client_id: UUID, *views: View) -> None:
    """Measure what does not lie over the baseline of its view, unless that is on its way or was given up."""
    db.flush()
    owner = people.person(db, client_id).as_viewer()
    for view in views:
        baseline = queries.baseline_of(db, owner, client_id, view)
        if baseline is None:
            continue
        series = [photo.id for photo in photos.photos(db, owner, client_id, view) if photo.taken_on]
        lies = select(Alignment.photo_id).where(
            col(Alignment.photo_id).in_(series), Alignment.baseline_id == baseline.id
        )
        new = set(series) - set(db.exec(lies).all())
        for photo_id in new and new - orders.in_hand(db, new, view, baseline.id):
            orders.measure(db, photo_id, view, baseline.id)


def _forget(db: Session, photo: Photo, *tables: type[Alignment | Reading | Landmarks | Baseline]) -> None:
    for table in tables:
        for row in db.exec(select(table).where(table.photo_id == photo.id)).all():
            db.delete(row)
    db.flush()


def _kept_points(points: Sequence[tuple[float, float]]) -> list[list[float]]:
    """As they stand in a form, so that the same points are the same."""
    return [[round(x, 4), round(y, 4)] for x, y in points]


def _keep(
    db: Session, actor: Viewer, photo: Photo, points: list[list[float]], over: tuple[Photo, list[list[float]]]
) -> None:
    row = queries.landmarks(db, photo.id)
    row = row or Landmarks(client_id=photo.client_id, photo_id=photo.id, points=[], by_id=actor.id)
    row.points, row.by_id, row.at = points, actor.id, clock.now()
    row.baseline_id, row.baseline_points = over[0].id, over[1]
    db.add(row)
    db.flush()


def _lies_as_before(db: Session, row: Alignment, baseline_id: UUID, fit: Fit) -> bool:
    """Whether its copies would come out the same, and are still there."""
    if fit.found is not Found.ALIGNED or (row.baseline_id, row.fit_of) != (baseline_id, METHOD):
        return False
    before, now = row.matrix or [], fit.matrix or ()
    same = len(before) == len(now) and all(isclose(a, b, abs_tol=_SAME) for a, b in zip(before, now, strict=True))
    return same and len(pictures.open_derivations(db, _copies(row))) == 2  # noqa: PLR2004 - aligned and evened


def _copies(row: Alignment | None) -> list[UUID]:
    return [one for one in (row.aligned_id, row.evened_id) if one] if row else []


def _close(db: Session, photo: Photo, copies: Collection[UUID]) -> None:
    """Copies that are not right any more go, and what was saved of them; whoever saved it is told."""
    made = pictures.open_derivations(db, pictures.graph(db, photo.client_id).downstream_of(copies)) if copies else []
    saved = {one.made_by_id: one.id for one in made if one.made_by_id}
    taken_along = pictures.handed_out(db, photo.client_id, (), [one.id for one in made]) if made else ()
    saved |= {one.by_id: one.derivation_id for one in taken_along if one.derivation_id}
    for person_id, made_id in saved.items():
        whose = "" if person_id == photo.client_id else f"/clients/{photo.client_id}"
        text = (
            f"A pair that you saved of the view “{photo.view_name}” is deleted here, because one of its photos lies"
            " differently now. Please look at both photos again and save the pair anew."
        )
        key, href = f"comparison.pair-gone:{made_id}", f"{whose}/photos/series/{photo.view.value}"
        notifications.tell(db, person_id, key, text, href, by_mail=None)
    derivations.close(db, copies)


def _fill(row: Alignment, fit: Fit, *, by_hand: bool) -> None:
    state = _STATES[fit.found]
    row.state = AlignState.BY_HAND if by_hand and state is AlignState.ALIGNED else state
    row.method, row.matrix, row.inliers = fit.method, list(fit.matrix) if fit.matrix else None, fit.inliers
    row.residual, row.overlap = fit.residual, fit.overlap


def _derived(
    db: Session, vault: Vault, photo: Photo, baseline: Photo, kind: DerivationKind, data: bytes | None
) -> UUID | None:
    if data is None:
        return None
    sources, size = list({photo.id, baseline.id}), baseline.fits(1024)
    return derivations.make(db, vault, None, photo.client_id, kind, Use.RECORD, data, size, sources).id


def _read(db: Session, photo: Photo, found: Indices) -> None:
    row = queries.reading(db, photo.id) or Reading(client_id=photo.client_id, photo_id=photo.id)
    row.coverage, row.coverage_why = found.coverage, found.coverage_why
    row.redness, row.redness_why, row.skin = found.redness, found.redness_why, found.skin
    row.numbers, row.reading_of, row.measured_at = dict(found.numbers), METHOD, clock.now()
    db.add(row)
