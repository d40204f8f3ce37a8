"""Looking at photos: the series by view, one photo, two beside each other; client and practitioner share the pages."""

from uuid import UUID

from fastapi import Request
from starlette.responses import Response

from portal.accounts import queries as people
from portal.accounts.auth import CurrentClient, CurrentPractitioner, SignedIn
from portal.accounts.rules import Viewer
from portal.audit import queries as looks
from portal.audit import service as audit
from portal.kit.routing import Db, Router
from portal.kit.web import render
from portal.photos import queries
from portal.photos.rules import NAMES, VIEWS, View

router = Router()


@router.get("/photos", name="photos:mine")
def mine(request: Request, db: Db, client: CurrentClient) -> Response:
    return _series(request, db, client, client.id)


@router.get("/clients/{client_id}/photos", name="photos:of-client")
def of_client(request: Request, db: Db, practitioner: CurrentPractitioner, client_id: UUID) -> Response:
    return _series(request, db, practitioner, client_id)


@router.get("/photos/compare", name="photos:compare")
def compare(
    request: Request, db: Db, client: CurrentClient, view: View, before: UUID | None = None, after: UUID | None = None
) -> Response:
    return _pair(request, db, client, client.id, view, (before, after))


@router.get("/clients/{client_id}/photos/compare", name="photos:compare-client")
def compare_client(
    request: Request,
    db: Db,
    practitioner: CurrentPractitioner,
    client_id: UUID,
    view: View,
    before: UUID | None = None,
    after: UUID | None = None,
) -> Response:
    return _pair(request, db, practitioner, client_id, view, (before, after))


@router.get("/photos/who-looked", name="photos:looks")
def who_looked(request: Request, db: Db, client: CurrentClient) -> Response:
    return render(request, "photos/looks.html", looks=looks.looks_at(db, client.id, queries.LOOKS))


@router.get("/photos/{photo_id}", name="photos:show")
def show(request: Request, db: Db, viewer: SignedIn, photo_id: UUID) -> Response:
    photo = queries.photo(db, viewer, photo_id)
    audit.seen(db, viewer, "photos.seen", photo.client_id, photo)
    series = queries.photos(db, viewer, photo.client_id, photo.view)
    return render(request, "photos/show.html", photo=photo, client=people.person(db, photo.client_id), series=series)


def _series(request: Request, db: Db, viewer: Viewer, client_id: UUID) -> Response:
    client = people.client(db, viewer, client_id)
    audit.seen(db, viewer, "photos.seen", client_id)
    series = queries.photos(db, viewer, client_id)
    by_view = [(guide, [photo for photo in series if photo.view is guide.view]) for guide in VIEWS]
    return render(
        request, "photos/series.html", client=client, by_view=by_view, pairs=queries.pairs(series), any=bool(series)
    )


def _pair(
    request: Request, db: Db, viewer: Viewer, client_id: UUID, view: View, chosen: tuple[UUID | None, UUID | None]
) -> Response:
    client = people.client(db, viewer, client_id)
    audit.seen(db, viewer, "photos.seen", client_id)
    series = [photo for photo in queries.photos(db, viewer, client_id, view) if photo.taken_on]
    known = {photo.id: photo for photo in series}
    before = (chosen[0] and known.get(chosen[0])) or (series[0] if series else None)
    after = (chosen[1] and known.get(chosen[1])) or (series[-1] if series else None)
    return render(
        request,
        "photos/compare.html",
        client=client,
        view=view,
        name=NAMES[view],
        series=series,
        before=before,
        after=after,
    )
