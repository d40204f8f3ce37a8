"""The jobs that measure one photo: read, measure in the cage without any transaction, store.

Whether a photo fits another view better is asked one view a job: each ends well within a job's lease.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlmodel import Session

from portal.accounts import queries as people
from portal.accounts.rules import Viewer
from portal.comparison import orders, queries, service
from portal.comparison.models import Landmarks
from portal.imaging import measure as imaging
from portal.imaging.measured import Ellipse, Found, Point
from portal.kit.crypto import Damaged
from portal.kit.db import transaction
from portal.kit.jobs import Surroundings
from portal.photos import deciding
from portal.photos import queries as photos
from portal.photos import service as photo_service
from portal.photos.models import Photo
from portal.photos.vault import Vault
from portal.photos.views import GUIDES, Region, View


@dataclass(frozen=True, slots=True)
class Work:
    """All that is needed to measure one photo. `others`: the client's other views, where nobody said that it is this
    one.
    """

    photo: UUID
    view: View
    baseline: UUID
    picture: bytes
    below: bytes | None
    taps: tuple[Sequence[Point], Sequence[Point]] | None
    others: Sequence[View]


def measure(surroundings: Surroundings, payload: dict[str, Any]) -> None:
    """Measure one photo against the baseline of its view; one that is not to be found any more is left alone."""
    vault = Vault(surroundings.app.storage, surroundings.app.photo_master)
    deciding.measure_late(surroundings.engine, vault, UUID(payload["photo"]))
    with transaction(surroundings.engine, write=False) as db:
        work = _work(db, vault, UUID(payload["photo"]))
    if work is None:
        return
    guide = GUIDES[work.view]
    skin = _ellipse(guide.skin) if guide.skin else None
    found = imaging.measure(work.picture, work.below, _ellipse(guide.region), skin, work.taps)
    fits = found.fit.found is Found.ALIGNED and work.below is not None
    with transaction(surroundings.engine) as db:
        service.keep(db, vault, work.photo, (work.view, work.baseline), found, by_hand=work.taps is not None)
        _look_further(db, work.photo, [] if fits else work.others)


def other_view(surroundings: Surroundings, payload: dict[str, Any]) -> None:
    """See whether a photo that does not fit its own view fits the first of `views`; if not, the next job asks about the
    next. What cannot be opened or measured fits nothing.
    """
    vault, photo_id = Vault(surroundings.app.storage, surroundings.app.photo_master), UUID(payload["photo"])
    view, *further = (View(one) for one in payload["views"].split(","))
    with transaction(surroundings.engine, write=False) as db:
        both = _both(db, vault, photo_id, view)
    fits = both is not None and _fits(*both, view)
    with transaction(surroundings.engine) as db:
        if fits:
            photo_service.suspect(db, photo_id, view)
        else:
            _look_further(db, photo_id, further)


def _look_further(db: Session, photo_id: UUID, views: Sequence[View]) -> None:
    if views:
        orders.once(db, orders.OTHER_VIEW, {"photo": str(photo_id), "views": ",".join(views)})
    else:
        photo_service.suspect(db, photo_id, None)


def _work(db: Session, vault: Vault, photo_id: UUID) -> Work | None:
    photo = db.get(Photo, photo_id)
    if photo is None or photo.withdrawn_at is not None or photo.view is View.SIDE_EFFECT:
        return None
    owner = people.person(db, photo.client_id).as_viewer()
    baseline = queries.baseline_of(db, owner, photo.client_id, photo.view)
    if baseline is None or photo.apart_since is not None:
        return None
    is_own = baseline.id == photo.id
    return Work(
        photo.id,
        photo.view,
        baseline.id,
        vault.get(db, photo.client_id, photo.medium),
        None if is_own else vault.get(db, photo.client_id, baseline.medium),
        None if is_own else _taps(queries.landmarks(db, photo.id), queries.landmarks(db, baseline.id), baseline.id),
        [] if photo.view_said_at else _others(db, owner, photo),
    )


def _taps(
    here: Landmarks | None, there: Landmarks | None, baseline_id: UUID
) -> tuple[Sequence[Point], Sequence[Point]] | None:
    """The points tapped on a photo, and the same spots on its baseline. None where nobody tapped both: as many points
    are not the same spots.
    """
    if here is None or here.baseline_id is None:
        return None
    if here.baseline_id == baseline_id:
        return _points(here.points), _points(here.baseline_points)
    if there and (here.baseline_id, here.baseline_points) == (there.baseline_id, there.baseline_points):
        return _points(here.points), _points(there.points)  # both were tapped over the baseline before
    return None


def _points(pairs: Sequence[Sequence[float]]) -> list[Point]:
    return [(across, down) for across, down in pairs]


def _others(db: Session, owner: Viewer, photo: Photo) -> list[View]:
    return sorted({one.view for one in photos.photos(db, owner, photo.client_id)} - {photo.view})


def _both(db: Session, vault: Vault, photo_id: UUID, view: View) -> tuple[bytes, bytes] | None:
    """The photo and the baseline of another view; None where one is not there or does not open."""
    photo = db.get(Photo, photo_id)
    if photo is None or photo.withdrawn_at is not None or photo.view is view:
        return None
    owner = people.person(db, photo.client_id).as_viewer()
    baseline = queries.baseline_of(db, owner, photo.client_id, view)
    if baseline is None:
        return None
    try:
        return vault.get(db, photo.client_id, photo.medium), vault.get(db, photo.client_id, baseline.medium)
    except (KeyError, Damaged):  # the weekly check says so
        return None


def _fits(picture: bytes, baseline: bytes, view: View) -> bool:
    try:
        return imaging.register(picture, baseline, _ellipse(GUIDES[view].region)).found is Found.ALIGNED
    except imaging.NotMeasured:
        return False


def _ellipse(region: Region) -> Ellipse:
    return Ellipse(region.x, region.y, region.across, region.down)
