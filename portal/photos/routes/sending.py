"""A client sends photos: several at once, each on its own; one bad file never costs the others."""

from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Request
from starlette.datastructures import UploadFile
from starlette.responses import JSONResponse, Response

from portal.accounts.auth import CurrentClient
from portal.accounts.rules import Viewer
from portal.kit.forms import Bound, bind, blank
from portal.kit.routing import Db, Router
from portal.kit.web import redirect, render, url
from portal.photos import queries, service
from portal.photos.decode import ACCEPT, BadPhoto, Decoded
from portal.photos.forms import DateForm, PhotoForm
from portal.photos.routes.files import vault_of
from portal.photos.rules import VIEWS
from portal.photos.service import Upload

router = Router(prefix="/photos")
Entry = Annotated[Bound[PhotoForm], Depends(bind(PhotoForm))]
Day = Annotated[Bound[DateForm], Depends(bind(DateForm))]
MOST_BYTES = 110 * 1024 * 1024  # four photos of 25 MB in one form; the page itself sends one at a time


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one file, in words."""

    name: str
    ok: bool
    sentence: str


@router.get("/new", name="photos:new")
def new(request: Request, db: Db, client: CurrentClient, view: str | None = None) -> Response:
    return _page(request, blank(view=view))


@router.post("", name="photos:send", max_body_size=MOST_BYTES)
def send(request: Request, db: Db, client: CurrentClient, form: Entry) -> Response:
    files = form.files.get("photos", [])
    if form.ok and not files:
        form.fail("photos", "Please choose at least one photo.")
    if not form.ok:
        return _answer(request, form, [])
    decoded = [_decoded(request, client, form.value, file) for file in files]
    outcomes = [_stored(request, db, client, one) for one in decoded]
    if any(not outcome.ok for outcome in outcomes):
        form.fail("photos", " ".join(f"{outcome.name}: {outcome.sentence}" for outcome in outcomes if not outcome.ok))
    return _answer(request, form, outcomes)


@router.get("/undated", name="photos:undated")
def undated(request: Request, db: Db, client: CurrentClient) -> Response:
    return render(request, "photos/undated.html", photos=queries.undated(db, client), form=blank(), wrong=None)


@router.post("/{photo_id}/date", name="photos:date")
def set_date(request: Request, db: Db, client: CurrentClient, photo_id: UUID, form: Day) -> Response:
    photo = queries.photo(db, client, photo_id)
    if not form.ok:
        return render(
            request, "photos/undated.html", 422, photos=queries.undated(db, client), form=form, wrong=photo.id
        )
    service.set_date(db, client, photo, form.value.taken_on)
    more = queries.undated(db, client)
    return redirect(request, "photos:undated" if more else "photos:mine", flash="Thank you, the date is noted.")


def _page(request: Request, form: Bound[Any], status: int = 200, outcomes: list[Outcome] | None = None) -> Response:
    return render(request, "photos/new.html", status, form=form, guides=VIEWS, accept=ACCEPT, outcomes=outcomes or [])


def _decoded(request: Request, client: Viewer, form: PhotoForm, file: UploadFile) -> Outcome | tuple[Upload, Decoded]:
    upload = Upload(file.file.read(), file.filename, form.view, form.taken_on)
    try:
        return upload, service.read(request.app.state.engine, client, upload)
    except BadPhoto as error:
        return Outcome((file.filename or "Photo")[:60], ok=False, sentence=error.sentence)


def _stored(request: Request, db: Db, client: Viewer, one: Outcome | tuple[Upload, Decoded]) -> Outcome:
    if isinstance(one, Outcome):
        return one
    upload, decoded = one
    taken = service.store(db, vault_of(request), client, client.id, upload, decoded)
    sentence = "You sent this photo before; it is kept once." if taken.again else "Safely stored."
    return Outcome((upload.filename or "Photo")[:60], ok=True, sentence=sentence)


def _answer(request: Request, form: Bound[PhotoForm], outcomes: list[Outcome]) -> Response:
    """JSON for our own script, which sends one file at a time; a page or a redirect for a plain form."""
    if "application/json" in request.headers.get("accept", ""):
        sentence = " ".join(form.errors.values()) or outcomes[0].sentence
        return JSONResponse(
            {"ok": form.ok, "sentence": sentence, "next": url(request, "photos:sent")}, 200 if form.ok else 422
        )
    if not form.ok:
        return _page(request, form, 422, outcomes)
    return redirect(
        request,
        "photos:sent",
        flash=outcomes[0].sentence if len(outcomes) == 1 else f"{len(outcomes)} photos are safely stored.",
    )


@router.get("/sent", name="photos:sent")
def sent(request: Request, db: Db, client: CurrentClient) -> Response:
    """Where sending leads: to the date that is missing, or to the photos."""
    return redirect(request, "photos:undated" if queries.undated(db, client) else "photos:mine")
