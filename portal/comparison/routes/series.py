"""One view over the months: filmstrip, time-lapse, change; and what a practitioner decides about its photos."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Request
from starlette.responses import Response

from portal.accounts import queries as people
from portal.accounts.auth import CurrentClient, CurrentPractitioner
from portal.accounts.rules import Viewer
from portal.audit import service as audit
from portal.comparison import looking, plots, queries, service
from portal.comparison.forms import ExcludeForm
from portal.kit.errors import NotFound, Refused
from portal.kit.forms import Bound, Posted, bind, blank, refused
from portal.kit.routing import Db, Router
from portal.kit.web import redirect, render
from portal.photos import queries as photos
from portal.photos.models import Photo
from portal.photos.views import GUIDES, View

router = Router()
Entry = Annotated[Bound[ExcludeForm], Depends(bind(ExcludeForm))]


@router.get("/photos/series/{view}", name="comparison:series")
def series(request: Request, db: Db, client: CurrentClient, view: View) -> Response:
    return _page(request, db, client, client.id, view)


@router.get("/clients/{client_id}/photos/series/{view}", name="comparison:series-client")
def series_of_client(
    request: Request, db: Db, practitioner: CurrentPractitioner, client_id: UUID, view: View
) -> Response:
    return _page(request, db, practitioner, client_id, view)


@router.post("/clients/{client_id}/photos/{photo_id}/baseline", name="comparison:baseline")
def baseline(
    request: Request, db: Db, practitioner: CurrentPractitioner, client_id: UUID, photo_id: UUID, posted: Posted
) -> Response:
    photo = _photo(db, practitioner, client_id, photo_id)
    try:
        service.set_baseline(db, practitioner, photo)
    except Refused as error:
        return _back(request, photo, error.sentence, "warning")
    return _back(request, photo, "The photos of this view are now laid over the one you chose.")


@router.post("/clients/{client_id}/photos/{photo_id}/exclude", name="comparison:exclude")
def exclude(
    request: Request, db: Db, practitioner: CurrentPractitioner, client_id: UUID, photo_id: UUID, form: Entry
) -> Response:
    photo = _photo(db, practitioner, client_id, photo_id)
    if form.ok:
        try:
            service.exclude(db, practitioner, photo, form.value.reason)
        except Refused as error:
            refused(form, "reason", error)
    if not form.ok:
        return _page(request, db, practitioner, client_id, photo.view, form=form, wrong=photo.id, status=422)
    return _back(request, photo, "The photo is left out of the measurement.")


@router.post("/clients/{client_id}/photos/{photo_id}/include", name="comparison:include")
def include(
    request: Request, db: Db, practitioner: CurrentPractitioner, client_id: UUID, photo_id: UUID, posted: Posted
) -> Response:
    photo = _photo(db, practitioner, client_id, photo_id)
    service.include(db, practitioner, photo)
    return _back(request, photo, "The photo is part of the measurement again.")


def _photo(db: Db, practitioner: Viewer, client_id: UUID, photo_id: UUID) -> Photo:
    photo = photos.photo(db, practitioner, photo_id)
    if photo.client_id != client_id or photo.view not in GUIDES:
        raise NotFound
    return photo


def _back(request: Request, photo: Photo, sentence: str, kind: str = "ok") -> Response:
    return redirect(
        request,
        "comparison:series-client",
        flash=sentence,
        kind=kind,
        fragment="photos",
        client_id=photo.client_id,
        view=photo.view.value,
    )


def _page(
    request: Request,
    db: Db,
    viewer: Viewer,
    client_id: UUID,
    view: View,
    *,
    form: Bound[Any] | None = None,
    wrong: UUID | None = None,
    status: int = 200,
) -> Response:
    if view not in GUIDES:
        raise NotFound
    client = people.client(db, viewer, client_id)
    audit.seen(db, viewer, "photos.seen", client_id)
    found = queries.series(db, viewer, client_id, view)
    apart = [photo for photo in photos.apart(db, viewer, client_id) if photo.view is view]
    known = {"form": form or blank(), "wrong": wrong, "apart": apart, **_shown(found)}
    changes = _drawn(queries.change_in(db, viewer, client_id, found), found)
    return render(request, "comparison/series.html", status, client=client, series=found, changes=changes, **known)


def _shown(found: queries.Series) -> dict[str, Any]:
    return {
        "strip": looking.strip(found),
        "sights": looking.lapse(found),
        "waiting": looking.waiting(found.frames),
        "to_tap": looking.to_tap(found),
        "given_up": looking.given_up(found.frames),
        "state": looking.state,
        "figure": plots.figure,
        "why": looking.WHY,
        "not_measured": looking.NOT_MEASURED,
    }


def _drawn(changes: list[queries.Change], found: queries.Series) -> list[tuple[queries.Change, plots.Plot | None]]:
    start = found.baseline.photo.id if found.baseline else None
    return [(change, plots.plot(change, found.sessions, start)) for change in changes]
