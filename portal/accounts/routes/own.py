"""One's own account: profile, password, e-mail address, sign-ins."""

from collections.abc import Callable
from typing import Annotated, Any
from uuid import UUID
from zoneinfo import available_timezones

from fastapi import Depends, Request
from starlette.responses import Response

from portal.accounts import queries, service
from portal.accounts.auth import SignedIn
from portal.accounts.forms import ChangeEmailForm, ChangePasswordForm, ProfileForm
from portal.accounts.rules import Viewer
from portal.kit import clock, limits
from portal.kit.errors import Refused
from portal.kit.forms import Bound, Posted, bind, blank
from portal.kit.routing import Db, Router
from portal.kit.web import redirect, render

router = Router(prefix="/me")
Profile = Annotated[Bound[ProfileForm], Depends(bind(ProfileForm))]
PasswordChange = Annotated[Bound[ChangePasswordForm], Depends(bind(ChangePasswordForm))]
EmailChange = Annotated[Bound[ChangeEmailForm], Depends(bind(ChangeEmailForm))]
ZONES = [(zone, zone.replace("_", " ")) for zone in sorted(available_timezones()) if "/" in zone]


@router.get("", name="accounts:me")
def me(request: Request, db: Db, viewer: SignedIn) -> Response:
    return _page(request, db, viewer)


@router.get("/still-here", name="accounts:still-here")
def still_here(request: Request, viewer: SignedIn) -> Response:
    """Asked by a page while somebody writes in it, so that a long text is not lost to an idle sign-in."""
    return Response(status_code=204)


@router.post("/profile", name="accounts:edit-profile")
def edit_profile(request: Request, db: Db, viewer: SignedIn, form: Profile) -> Response:
    if not form.ok:
        return _page(request, db, viewer, 422, profile=form)
    service.edit_profile(db, viewer, form.value)
    return redirect(request, "accounts:me", flash="Your details are saved.")


@router.post("/password", name="accounts:change-password")
def change_password(request: Request, db: Db, viewer: SignedIn, form: PasswordChange) -> Response:
    passwords = request.app.state.passwords
    if not _done(db, viewer, form, lambda: service.change_password(db, passwords, viewer, form.value)):
        return _page(request, db, viewer, 422, password=form)
    return redirect(request, "accounts:me", flash="Your password is changed. Every other device is signed out.")


@router.post("/email", name="accounts:change-email")
def change_email(request: Request, db: Db, viewer: SignedIn, form: EmailChange) -> Response:
    passwords = request.app.state.passwords
    if not _done(db, viewer, form, lambda: service.ask_new_email(db, passwords, viewer, form.value)):
        return _page(request, db, viewer, 422, email=form)
    return redirect(
        request, "accounts:me", flash="We sent a link to the new address. It becomes yours once you follow it."
    )


@router.post("/sign-ins/{sign_in_id}/end", name="accounts:revoke")
def revoke(request: Request, db: Db, viewer: SignedIn, posted: Posted, sign_in_id: UUID) -> Response:
    service.revoke(db, viewer, sign_in_id)
    return redirect(request, "accounts:me", flash="That device is signed out.")


def _page(request: Request, db: Db, viewer: Viewer, status: int = 200, **given: Bound[Any]) -> Response:
    person = queries.person(db, viewer.id)
    forms = {
        "profile": blank(name=person.name, phone=person.phone, time_zone=person.time_zone or None),
        "password": blank(),
        "email": blank(),
        **given,
    }
    lasting = request.app.state.lasting
    since = clock.now() - (lasting.staff_idle if viewer.is_staff else lasting.client_idle)
    sign_ins = queries.own_sign_ins(db, viewer, since)
    return render(request, "accounts/me.html", status, person=person, sign_ins=sign_ins, zone_options=ZONES, **forms)


def _done(db: Db, viewer: Viewer, form: Bound[Any], act: Callable[[], None]) -> bool:
    """Do what needs the current password; a wrong one comes back beside its field, and not for ever."""
    if form.ok:
        limits.spend(db, "proof", str(viewer.id), limit=10, seconds=900)
        try:
            act()
        except Refused as error:
            wrong_proof = "proof" if "proof" in form.raw else "current"
            form.fail(wrong_proof if "current" in error.sentence else "password", error.sentence)
    return form.ok
