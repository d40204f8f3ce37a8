"""The client's side: everything they are asked to consent to, reading and signing, taking back."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Request
from starlette.responses import Response

from portal.accounts.auth import CurrentClient
from portal.accounts.rules import Viewer
from portal.consents import queries, service
from portal.consents.forms import SignForm, SigningForm, Unfinished, WithdrawForm, place
from portal.consents.models import ConsentDocument
from portal.kit.forms import Bound, bind, blank
from portal.kit.routing import Db, Router
from portal.kit.web import redirect, render

router = Router(prefix="/consents")
Signing = Annotated[Bound[SignForm], Depends(bind(SigningForm))]
Taking = Annotated[Bound[WithdrawForm], Depends(bind(WithdrawForm))]


@router.get("", name="consents:mine")
def mine(request: Request, db: Db, client: CurrentClient) -> Response:
    return render(request, "consents/mine.html", matters=queries.mine(db, client), form=blank(), open_id=None)


@router.get("/documents/{document_id}", name="consents:read")
def read(request: Request, db: Db, client: CurrentClient, document_id: UUID) -> Response:
    text = queries.document(db, document_id)
    newest = queries.newest(db, text.purpose, text.treatment_id)
    if newest and newest.id != text.id:
        flash = "This is the newest version of the text."
        return redirect(request, "consents:read", flash=flash, kind="info", document_id=newest.id)
    return _reading(request, db, client, text, blank())


@router.post("/documents/{document_id}", name="consents:sign")
def sign(request: Request, db: Db, client: CurrentClient, document_id: UUID, form: Signing) -> Response:
    try:
        if form.ok:
            service.sign(db, client, document_id, form.value)
    except Unfinished as error:
        place(form, error)
    except service.Replaced as error:
        return _reading(request, db, client, error.text, blank(), 409, replaced=error.sentence)
    if not form.ok:
        return _reading(request, db, client, queries.document(db, document_id), form, 422)
    return redirect(request, "consents:mine", flash="Thank you for signing. You can read your copy here at any time.")


@router.post("/signed/{consent_id}/withdraw", name="consents:withdraw")
def withdraw(request: Request, db: Db, client: CurrentClient, consent_id: UUID, form: Taking) -> Response:
    queries.consent(db, client, consent_id)
    if not form.ok:
        matters = queries.mine(db, client)
        return render(request, "consents/mine.html", 422, matters=matters, form=form, open_id=consent_id)
    service.withdraw(db, client, consent_id, form.value.reason)
    return redirect(request, "consents:mine", flash="Your consent has ended. We have been told.", kind="info")


def _reading(
    request: Request,
    db: Db,
    client: Viewer,
    text: ConsentDocument,
    form: Bound[Any],
    status: int = 200,
    replaced: str = "",
) -> Response:
    matter = next((one for one in queries.mine(db, client) if one.shelf.document == text), None)
    return render(request, "consents/read.html", status, text=text, form=form, matter=matter, replaced=replaced)
