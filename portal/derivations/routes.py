"""Derived pictures, what one photo may be used for, removing it, and the statements of what went."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request
from starlette.responses import Response

from portal.accounts import queries as people
from portal.accounts.auth import CurrentClient, CurrentPractitioner, SignedIn
from portal.accounts.rules import Viewer
from portal.audit import service as audit
from portal.derivations import queries, service, wording
from portal.derivations.forms import UsesForm
from portal.kit.errors import NotFound
from portal.kit.forms import Bound, Posted, bind
from portal.kit.routing import Db, Router
from portal.kit.web import redirect, render
from portal.photos import queries as photos
from portal.photos.vault import Vault

router = Router()
Uses = Annotated[Bound[UsesForm], Depends(bind(UsesForm))]
PRIVATE = {"cache-control": "private, no-store"}


@router.get("/derived/{derivation_id}.jpg", name="derivations:image")
def image(request: Request, db: Db, viewer: SignedIn, derivation_id: UUID) -> Response:
    made = queries.derivation(db, viewer, derivation_id)
    if not made.is_picture:
        raise NotFound("There is no such picture.")
    service.refuse_while_paused(db, made)
    audit.seen(db, viewer, "photos.image-seen", made.client_id, made)
    data = service.bytes_of(db, _vault(request), made)
    return Response(data, media_type=made.media_type, headers={**PRIVATE, "content-disposition": "inline"})


@router.get("/derived/{derivation_id}/download", name="derivations:download")
def download(request: Request, db: Db, viewer: SignedIn, derivation_id: UUID) -> Response:
    made = queries.derivation(db, viewer, derivation_id)
    data = service.bytes_of(db, _vault(request), made)
    service.refuse_while_paused(db, made)
    if request.method != "HEAD":  # which gets no byte of it
        service.downloaded(db, viewer, made)
    named = f'attachment; filename="{made.file_name}"'
    return Response(data, media_type=made.media_type, headers={**PRIVATE, "content-disposition": named})


@router.get("/photos/statements", name="derivations:statements")
def statements(request: Request, db: Db, client: CurrentClient) -> Response:
    return _statements(request, db, client, client.id)


@router.get("/clients/{client_id}/photos/statements", name="derivations:statements-of")
def statements_of(request: Request, db: Db, practitioner: CurrentPractitioner, client_id: UUID) -> Response:
    return _statements(request, db, practitioner, client_id)


@router.get("/photos/statements/{statement_id}", name="derivations:statement")
def statement(request: Request, db: Db, viewer: SignedIn, statement_id: UUID) -> Response:
    found = queries.statement(db, viewer, statement_id)
    audit.seen(db, viewer, "derivations.statement-seen", found.client_id, found)
    client = people.person(db, found.client_id)
    return render(request, "derivations/statement.html", statement=found, client=client)


@router.get("/photos/{photo_id}/uses", name="derivations:uses")
def uses(request: Request, db: Db, viewer: SignedIn, photo_id: UUID) -> Response:
    photo = photos.photo(db, viewer, photo_id)
    audit.seen(db, viewer, "photos.seen", photo.client_id, photo)
    client, graph = people.person(db, photo.client_id), queries.graph(db, photo.client_id)
    copies = queries.copies_of(db, photo, graph)
    known = {"lines": queries.uses_of(db, photo), "made": queries.made_of(db, viewer, photo, graph), "copies": copies}
    words = {"thing": wording.thing, "use_words": wording.TEAM_WORDS}
    names = people.names(db, [one.by_id for one in copies])
    return render(request, "derivations/uses.html", photo=photo, client=client, names=names, **known, **words)


@router.post("/photos/{photo_id}/uses", name="derivations:narrow")
def narrow(request: Request, db: Db, client: CurrentClient, photo_id: UUID, form: Uses) -> Response:
    photo, chosen = photos.photo(db, client, photo_id), form.value
    may_teach, may_publish = not chosen.keep_from_teaching, not chosen.keep_from_publication
    service.narrow(db, client, photo, may_teach=may_teach, may_publish=may_publish)
    return redirect(request, "derivations:uses", flash="It is noted, and counts from now on.", photo_id=photo_id)


@router.post("/photos/{photo_id}/remove", name="derivations:remove")
def remove(request: Request, db: Db, client: CurrentClient, photo_id: UUID, posted: Posted) -> Response:
    written = service.withdraw_photo(db, client, photos.photo(db, client, photo_id))
    flash = "The photo is deleted. This statement says what went and what stays."
    return redirect(request, "derivations:statements", flash=flash, fragment=f"s-{written.id}")


def _vault(request: Request) -> Vault:
    return Vault(request.app.state.storage, request.app.state.photo_master)


def _statements(request: Request, db: Db, viewer: Viewer, client_id: UUID) -> Response:
    client = people.client(db, viewer, client_id)
    audit.seen(db, viewer, "derivations.statement-seen", client_id)
    found = queries.statements(db, viewer, client_id)
    return render(request, "derivations/statements.html", statements=found, client=client)
