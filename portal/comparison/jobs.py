"""The job that measures one photo: read, measure in the cage without any transaction, store."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlmodel import Session

from portal.accounts import queries as people
from portal.accounts.rules import Viewer
from portal.comparison import queries, service
from portal.comparison.models import Landmarks
from portal.imaging import measure as imaging
from portal.imaging.measured import Ellipse, Found, Point
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
    """All that is needed to measure one photo. `others`: baselines of the client's other views, as JPEG."""

    photo: UUID
    view: View
    baseline: UUID
    picture: bytes
    below: bytes | None
    taps: tuple[Sequence[Point], Sequence[Point]] | None
    others: dict[View, bytes]


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
    suspected = None if found.fit.found is Found.ALIGNED and work.below else _other_view(work)
    with transaction(surroundings.engine) as db:
        service.keep(db, vault, work.photo, work.baseline, found, by_hand=work.taps is not None)
        photo_service.suspect(db, work.photo, suspected)


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
        None if is_own else _taps(queries.landmarks(db, photo.id), queries.landmarks(db, baseline.id)),
        _others(db, vault, owner, photo),
    )


def _others(db: Session, vault: Vault, owner: Viewer, photo: Photo) -> dict[View, bytes]:
    found = {}
    for view in {one.view for one in photos.photos(db, owner, photo.client_id)} - {photo.view}:
        baseline = queries.baseline_of(db, owner, photo.client_id, view)
        if baseline is not None:
            found[view] = vault.get(db, photo.client_id, baseline.medium)
    return found


def _taps(here: Landmarks | None, there: Landmarks | None) -> tuple[Sequence[Point], Sequence[Point]] | None:
    if here is None or there is None or len(here.points) != len(there.points):
        return None
    return [_point(one) for one in here.points], [_point(one) for one in there.points]


def _point(pair: list[float]) -> Point:
    return pair[0], pair[1]


def _other_view(work: Work) -> View | None:
    """The view whose baseline this photo fits, when it does not fit its own."""
    for view, picture in work.others.items():
        fit = imaging.register(work.picture, picture, _ellipse(GUIDES[view].region))
        if fit.found is Found.ALIGNED:
            return view
    return None


def _ellipse(region: Region) -> Ellipse:
    return Ellipse(region.x, region.y, region.across, region.down)
