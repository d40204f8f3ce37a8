"""Sign in, sign out, register, forgotten password."""

from typing import Annotated, Any

from fastapi import Depends, Request
from starlette.responses import RedirectResponse, Response

from portal.accounts import service
from portal.accounts.auth import Anyone, SignedIn
from portal.accounts.cookies import address, clear_sign_in, device, set_sign_in
from portal.accounts.forms import EmailForm, RegisterForm, SignInForm
from portal.kit import limits
from portal.kit.forms import Bound, Posted, bind, blank
from portal.kit.routing import Db, Router
from portal.kit.web import redirect, render, safe_path, url

router = Router()
Credentials = Annotated[Bound[SignInForm], Depends(bind(SignInForm))]
Registration = Annotated[Bound[RegisterForm], Depends(bind(RegisterForm))]
Address = Annotated[Bound[EmailForm], Depends(bind(EmailForm))]
WRONG = "That e-mail address and password do not match. Please try again, or choose a new password."
QUARTER, HOUR = 900, 3600


@router.get("/sign-in", name="accounts:sign-in")
def sign_in_page(request: Request, viewer: Anyone, after: str = "") -> Response:
    if viewer:
        return RedirectResponse(safe_path(after, url(request, "accounts:portal")), 303)
    return _door(request, blank(), after)


@router.post("/sign-in", name="accounts:do-sign-in")
def sign_in(request: Request, db: Db, viewer: Anyone, form: Credentials, after: str = "") -> Response:
    token = _try_sign_in(request, db, form) if form.ok else None
    if token is None:
        return _door(request, form, after, 422)
    if viewer:
        service.sign_out(db, viewer)
    answer = RedirectResponse(safe_path(after, url(request, "accounts:portal")), 303)
    return set_sign_in(request, answer, token)


def _door(request: Request, form: Bound[Any], after: str, status: int = 200) -> Response:
    return render(request, "accounts/sign_in.html", status, form=form, after=safe_path(after, ""))


def _try_sign_in(request: Request, db: Db, form: Bound[SignInForm]) -> str | None:
    """Guesses are slowed by address, and by address and account together, so that nobody can lock another out."""
    email = form.value.email
    limits.spend(db, "sign-in", address(request), limit=60, seconds=QUARTER)
    limits.spend(db, "sign-in", f"{address(request)} {email}", limit=10, seconds=QUARTER)
    token = service.sign_in(db, request.app.state.passwords, email, form.value.password, device(request))
    if token is None:
        form.fail("", WRONG)
    return token


@router.get("/portal", name="accounts:portal")
def portal(request: Request, viewer: SignedIn) -> Response:
    """Everyone's first page after signing in."""
    if viewer.is_client:
        return redirect(request, "timeline:home")
    return redirect(request, "worklist:queue" if viewer.is_practitioner else "admin:overview")


@router.post("/sign-out", name="accounts:sign-out")
def sign_out(request: Request, db: Db, viewer: SignedIn, posted: Posted) -> Response:
    service.sign_out(db, viewer)
    return clear_sign_in(request, redirect(request, "accounts:signed-out"))


@router.get("/signed-out", name="accounts:signed-out")
def signed_out(request: Request, viewer: Anyone) -> Response:
    return render(request, "accounts/signed_out.html")


@router.get("/register", name="accounts:register")
def register_page(request: Request, viewer: Anyone) -> Response:
    return render(request, "accounts/register.html", form=blank())


@router.post("/register", name="accounts:do-register")
def register(request: Request, db: Db, viewer: Anyone, form: Registration) -> Response:
    if not form.ok:
        return render(request, "accounts/register.html", 422, form=form)
    limits.spend(db, "register", address(request), limit=10, seconds=HOUR)
    if _may_mail(db, form.value.email):
        service.register(db, form.value)
    return redirect(request, "accounts:sent")


@router.get("/forgotten-password", name="accounts:forgotten")
def forgotten_page(request: Request, viewer: Anyone) -> Response:
    return render(request, "accounts/forgotten.html", form=blank())


@router.post("/forgotten-password", name="accounts:do-forgotten")
def forgotten(request: Request, db: Db, viewer: Anyone, form: Address) -> Response:
    if not form.ok:
        return render(request, "accounts/forgotten.html", 422, form=form)
    limits.spend(db, "forgotten", address(request), limit=20, seconds=HOUR)
    if _may_mail(db, form.value.email):
        service.forgot_password(db, form.value.email)
    return redirect(request, "accounts:sent")


def _may_mail(db: Db, email: str) -> bool:
    """Strangers may have us write to one address only so often."""
    return limits.allowed(db, "mail-asked-by-strangers", email, limit=4, seconds=HOUR)


@router.get("/check-your-mail", name="accounts:sent")
def sent(request: Request, viewer: Anyone) -> Response:
    return render(request, "accounts/sent.html")
