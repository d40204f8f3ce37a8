"""Links sent by e-mail. The token leaves the address bar at once: it moves into a short-lived cookie."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request
from starlette.responses import Response

from portal.accounts import queries, service
from portal.accounts.auth import Anyone
from portal.accounts.cookies import LINK_COOKIE, LINK_SECONDS, device, set_sign_in
from portal.accounts.forms import NewPasswordForm
from portal.accounts.models import MailedLink
from portal.accounts.rules import Purpose
from portal.kit import clock
from portal.kit.errors import Refused
from portal.kit.forms import Bound, Posted, bind, blank, refused
from portal.kit.routing import Db, Router
from portal.kit.web import redirect, render

router = Router()
Entry = Annotated[Bound[NewPasswordForm], Depends(bind(NewPasswordForm))]


@router.get("/link/{token}", name="accounts:follow")
def follow(request: Request, token: str, viewer: Anyone) -> Response:
    answer = redirect(request, "accounts:link")
    pages = request.app.state.pages
    answer.set_cookie(
        LINK_COOKIE,
        pages.box.close(LINK_COOKIE, token[:100]),
        max_age=LINK_SECONDS,
        path="/link",
        httponly=True,
        samesite="lax",
        secure=pages.secure,
    )
    return answer


@router.get("/link", name="accounts:link")
def show(request: Request, db: Db, viewer: Anyone) -> Response:
    link = _link(request, db)
    if link is None:
        return render(request, "accounts/link_over.html", 410, form=blank())
    return render(request, "accounts/link.html", link=link, person=queries.person(db, link.person_id), form=blank())


@router.post("/link", name="accounts:use-link")
def use(request: Request, db: Db, viewer: Anyone, form: Entry) -> Response:
    link = _link(request, db)
    if link is None or link.purpose is Purpose.NEW_EMAIL:
        return render(request, "accounts/link_over.html", 410, form=blank())
    person = _accepted(request, db, link, form)
    if person is None:
        return render(
            request, "accounts/link.html", 422, link=link, person=queries.person(db, link.person_id), form=form
        )
    if link.purpose is Purpose.RESET:
        return _used(redirect(request, "accounts:sign-in", flash="Your new password is set. Please sign in with it."))
    token = service.start_sign_in(db, person, device(request))
    return set_sign_in(
        request, _used(redirect(request, "accounts:portal", flash="Welcome. Your account is ready.")), token
    )


@router.post("/link/address", name="accounts:confirm-address")
def confirm_address(request: Request, db: Db, viewer: Anyone, posted: Posted) -> Response:
    link = _link(request, db)
    if link is None or link.purpose is not Purpose.NEW_EMAIL:
        return render(request, "accounts/link_over.html", 410, form=blank())
    service.confirm_new_email(db, link)
    return _used(redirect(request, "accounts:sign-in", flash="Your new address is confirmed."))


def _link(request: Request, db: Db) -> MailedLink | None:
    token = request.app.state.pages.box.open(LINK_COOKIE, request.cookies.get(LINK_COOKIE, ""), LINK_SECONDS)
    return queries.mailed_link(db, token, clock.now()) if token else None


def _accepted(request: Request, db: Db, link: MailedLink, form: Bound[NewPasswordForm]) -> UUID | None:
    if not form.ok:
        return None
    try:
        return service.accept_link(db, request.app.state.passwords, link, form.value.password).id
    except Refused as error:
        refused(form, "password", error)
        return None


def _used(answer: Response) -> Response:
    answer.delete_cookie(LINK_COOKIE, path="/link")
    return answer
