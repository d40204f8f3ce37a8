"""Looking at photos: the series by view, one photo; client and practitioner share the pages."""

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
from portal.photos.rules import HAIR
from portal.photos.views import PRESENTATIONS, VIEWS

router = Router()


@router.get("/photos", name="photos:mine")
def mine(request: Request, db: Db, client: CurrentClient) -> Response:
    return _series(request, db, client, client.id)


@router.get("/clients/{client_id}/photos", name="photos:of-client")
def of_client(request: Request, db: Db, practitioner: CurrentPractitioner, client_id: UUID) -> Response:
    return _series(request, db, practitioner, client_id)


@router.get("/photos/who-looked", name="photos:looks")
def who_looked(request: Request, db: Db, client: CurrentClient) -> Response:
    return render(request, "photos/looks.html", looks=looks.looks_at(db, client.id, queries.LOOKS))


@router.get("/photos/{photo_id}", name="photos:show")
def show(request: Request, db: Db, viewer: SignedIn, photo_id: UUID) -> Response:
    photo = queries.photo(db, viewer, photo_id)
    audit.seen(db, viewer, "photos.seen", photo.client_id, photo)
    series = queries.photos(db, viewer, photo.client_id, photo.view)
    client = people.person(db, photo.client_id)
    return render(request, "photos/show.html", photo=photo, client=client, series=series, views=VIEWS, hair=HAIR)


def _series(request: Request, db: Db, viewer: Viewer, client_id: UUID) -> Response:
    client = people.client(db, viewer, client_id)
    audit.seen(db, viewer, "photos.seen", client_id)
    series = queries.photos(db, viewer, client_id)
    by_view = [(guide, [photo for photo in series if photo.view is guide.view]) for guide in VIEWS]
    return render(
        request,
        "photos/series.html",
        client=client,
        by_view=by_view,
        pairs=queries.pairs(series),
        apart=queries.apart(db, viewer, client_id),
        doubtful=queries.to_decide(db, viewer),
        presentation=queries.presentation(db, client_id),
        presentations=PRESENTATIONS,
        any=bool(series),
    )
