"""A client sends photos: several at once, each on its own; one bad file never costs the others."""

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Request
from starlette.datastructures import UploadFile
from starlette.responses import JSONResponse, Response

from portal.accounts.auth import CurrentClient
from portal.accounts.rules import Viewer
from portal.kit.db import transaction
from portal.kit.errors import PortalError, Refused
from portal.kit.forms import Bound, bind, blank
from portal.kit.routing import Db, Router
from portal.kit.web import redirect, render, url
from portal.photos import queries, service
from portal.photos.decode import ACCEPT, BadPhoto
from portal.photos.forms import PhotoForm
from portal.photos.routes.files import vault_of
from portal.photos.service import Desk, Draft, Taken, Upload
from portal.photos.views import GUIDES, VIEWS, asked

router = Router(prefix="/photos")
Entry = Annotated[Bound[PhotoForm], Depends(bind(PhotoForm))]
MOST_BYTES = 200 * 1024 * 1024  # thirty photos as phones save them; they are spooled to disk and read one by one


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one file, in words."""

    name: str
    ok: bool
    sentence: str
    taken: Taken | None = None


@router.get("/new", name="photos:new")
def new(request: Request, db: Db, client: CurrentClient, view: str | None = None) -> Response:
    service.refuse_without_consent(db, client, client.id)
    return _page(request, db, client, blank(view=view))


@router.post("", name="photos:send", max_body_size=MOST_BYTES)
def send(request: Request, db: Db, client: CurrentClient, form: Entry) -> Response:
    files = form.files.get("photos", [])
    if form.ok and not files:
        form.fail("photos", "Please choose at least one photo.")
    outcomes = _taken(request, db, client, form, files) if form.ok else []
    if any(not outcome.ok for outcome in outcomes):
        form.fail("photos", " ".join(f"{outcome.name}: {outcome.sentence}" for outcome in outcomes if not outcome.ok))
    if "application/json" in request.headers.get("accept", ""):
        return _json(request, form, outcomes)
    if not form.ok:
        return _page(request, db, client, form, 422, outcomes)
    return redirect(request, "photos:sent", flash=_flash(outcomes))


def _taken(request: Request, db: Db, client: Viewer, form: Bound[PhotoForm], files: list[UploadFile]) -> list[Outcome]:
    """All files are decoded and sealed before the first row is written: that takes the database's write lock."""
    vault = vault_of(request)
    try:
        with transaction(request.app.state.engine) as own:
            desk = service.open_desk(own, vault, client, client.id)
    except Refused as error:
        form.fail("photos", error.sentence)
        return []
    drafts = _all_sealed(request, client, desk, form.value, files)
    names = [name for draft in drafts if isinstance(draft, Draft) for name in draft.names]
    with vault.discarding(names):
        return [
            draft if isinstance(draft, Outcome) else _entered(db, request, client, desk, draft, file)
            for draft, file in zip(drafts, files, strict=True)
        ]


def _all_sealed(
    request: Request, client: Viewer, desk: Desk, form: PhotoForm, files: list[UploadFile]
) -> list[Draft | Outcome]:
    """One file after the other. What the portal could not do for one it is not asked to do for the next: those before
    are kept.
    """
    drafts: list[Draft | Outcome] = []
    for number, file in enumerate(files):
        try:
            drafts.append(_sealed(request, client, desk, form, file))
        except PortalError as error:
            if len(files) == 1:
                raise
            return drafts + [Outcome(_named(one), ok=False, sentence=error.sentence) for one in files[number:]]
    return drafts


def _sealed(request: Request, client: Viewer, desk: Desk, form: PhotoForm, file: UploadFile) -> Draft | Outcome:
    """One file, which is forgotten again afterwards."""
    upload = Upload(file.file.read(), file.filename, form.view, form.taken_on, form)
    file.file.close()
    try:
        decoded = service.read(request.app.state.engine, client, upload)
        return service.seal(vault_of(request), desk, client, upload, decoded)
    except BadPhoto as error:
        return Outcome(_named(file), ok=False, sentence=error.sentence)


def _entered(db: Db, request: Request, client: Viewer, desk: Desk, draft: Draft, file: UploadFile) -> Outcome:
    taken = service.enter(db, vault_of(request), client, desk, draft)
    return Outcome(_named(file), ok=True, sentence=_sentence(taken), taken=taken)


def _named(file: UploadFile) -> str:
    return (file.filename or "Photo")[:60]


def _sentence(taken: Taken) -> str:
    photo = taken.photo
    if taken.again:
        return f"You sent this photo before, as {photo.view_name}; it is kept once."
    parts = ["Safely stored."]
    if taken.is_early:
        parts.append("It is from before you joined us, and stands as an earlier photo.")
    if photo.taken_on is None:
        parts.append("Its file does not say when it was taken; we ask you next.")
    if photo.apart_since:
        parts.append("It does not look like a scalp, so it is kept apart until you say that it is one.")
    return " ".join(parts)


def _flash(outcomes: list[Outcome]) -> str:
    if len(outcomes) == 1:
        return outcomes[0].sentence
    again = [outcome.taken.photo.view_name for outcome in outcomes if outcome.taken and outcome.taken.again]
    told = f"{len(outcomes)} photos are safely stored."
    if again:
        told += f" {len(again)} of them you sent before, as {', '.join(dict.fromkeys(again))}; each is kept once."
    return told


def _json(request: Request, form: Bound[PhotoForm], outcomes: list[Outcome]) -> Response:
    """For our own script, which sends one file at a time."""
    taken = outcomes[0].taken if outcomes else None
    photo = taken.photo if taken else None
    decide = photo is not None and photo.is_poor and photo.kept_at is None
    told = {
        "ok": form.ok,
        "sentence": outcomes[0].sentence if outcomes else " ".join(form.errors.values()),
        "next": url(request, "photos:sent"),
        "photo": str(photo.id) if photo else None,
        "again": bool(taken and taken.again),
        "faults": [{"code": one.code, "sentence": one.sentence} for one in photo.found_faults] if photo else [],
        "keep": url(request, "photos:keep", photo_id=photo.id) if photo and decide else None,
    }
    return JSONResponse(told, 200 if form.ok else 422)


def _page(
    request: Request, db: Db, client: Viewer, form: Bound[Any], status: int = 200, outcomes: list[Outcome] | None = None
) -> Response:
    guides = asked(queries.presentation(db, client.id))
    chosen = form.raw_text("view")
    return render(
        request,
        "photos/new.html",
        status,
        form=form,
        guides=guides,
        others=[guide for guide in VIEWS if guide not in guides],
        chosen=chosen if chosen in {guide.view.value for guide in GUIDES.values()} else None,
        ghosts=queries.ghosts(queries.photos(db, client, client.id)),
        accept=ACCEPT,
        outcomes=outcomes or [],
    )
