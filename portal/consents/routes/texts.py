"""The admin's screens: the texts in force, their versions, and writing the next one."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Request
from starlette.responses import Response

from portal.accounts import queries as accounts
from portal.accounts.auth import CurrentAdmin
from portal.consents import queries, service
from portal.consents.forms import DocumentForm, Unfinished, WritingForm, as_typed, place
from portal.consents.models import ConsentDocument
from portal.kit.errors import Refused
from portal.kit.forms import Bound, bind, blank, refused
from portal.kit.routing import Db, Router
from portal.kit.web import redirect, render

router = Router(prefix="/admin/consents")
Written = Annotated[Bound[DocumentForm], Depends(bind(WritingForm))]


@router.get("", name="consents:documents")
def documents(request: Request, db: Db, admin: CurrentAdmin) -> Response:
    return render(request, "consents/documents.html", shelves=queries.shelves(db))


@router.get("/write", name="consents:write")
def write(request: Request, db: Db, admin: CurrentAdmin, about: str = "") -> Response:
    shelf = queries.shelf(db, about)
    before = shelf.document
    form = blank(**as_typed(before or service.starter(shelf)), after=before.version if before else 0)
    return _writing(request, shelf, form)


@router.post("/write", name="consents:publish")
def publish(request: Request, db: Db, admin: CurrentAdmin, form: Written) -> Response:
    shelf = queries.shelf(db, form.raw_text("treatment_id") or form.raw_text("purpose"))
    preview = None
    try:
        if form.ok and form.value.then == "publish":
            row = service.publish(db, admin, form.value)
            return redirect(request, "consents:version", flash="The text is published.", document_id=row.id)
        preview = service.preview(form.value) if form.ok else None
    except Unfinished as error:
        place(form, error)
    except Refused as error:
        refused(form, "", error)
    return _writing(request, shelf, form, 200 if form.ok else 422, preview)


@router.get("/{document_id}", name="consents:version")
def version(request: Request, db: Db, admin: CurrentAdmin, document_id: UUID) -> Response:
    text = queries.document(db, document_id)
    history = queries.history(db, text.purpose, text.treatment_id)
    names = accounts.names(db, [one.published_by_id for one in history if one.published_by_id])
    return render(request, "consents/version.html", text=text, history=history, names=names)


def _writing(
    request: Request,
    shelf: queries.Shelf,
    form: Bound[Any],
    status: int = 200,
    preview: ConsentDocument | None = None,
) -> Response:
    return render(request, "consents/write.html", status, shelf=shelf, form=form, preview=preview)
