"""Verbs on accounts: invite, register, sign in and out, set and change passwords and addresses, revoke."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, update

from portal.accounts import queries
from portal.accounts.forms import ChangeEmailForm, ChangePasswordForm, ProfileForm, RegisterForm, TeamForm
from portal.accounts.models import MailedLink, Person, SignIn
from portal.accounts.rules import LINK_LASTS, WORDS_OF_OURS, Purpose, Role, Viewer
from portal.audit import service as audit
from portal.kit import clock, mail
from portal.kit.crypto import fingerprint, new_token
from portal.kit.db import insert_once
from portal.kit.errors import NotFound, Refused
from portal.kit.events import Event
from portal.kit.passwords import Passwords, weakness


def add_person(db: Session, actor: audit.Actor | None, name: str, email: str, phone: str = "") -> Person:
    """A new client account without a password. Raises Refused when the address is taken."""
    return _add(db, actor, Person(name=name, email=email.lower(), phone=phone))


def invite(db: Session, actor: audit.Actor | None, name: str, email: str, phone: str = "") -> Person:
    """A new client account and the e-mail that lets them set their password."""
    person = add_person(db, actor, name, email, phone)
    _send_invitation(db, person)
    return person


def invite_colleague(db: Session, actor: Viewer | None, form: TeamForm) -> Person:
    """A new member of the team, invited the same way."""
    person = Person(name=form.name, email=form.email, title=form.title)
    person.is_practitioner = form.role is Role.PRACTITIONER
    person.is_admin = form.role is Role.ADMIN or form.also_admin
    if person.is_client:
        raise Refused("A member of the team is a practitioner, an admin, or both.")
    person = _add(db, actor, person)
    _send_invitation(db, person)
    return person


def invite_again(db: Session, person: Person) -> None:
    """A fresh link; the old ones stop working."""
    _send_invitation(db, person)


def register(db: Session, form: RegisterForm) -> None:
    """Self-registration. Known and unknown addresses look the same from outside; only the e-mail differs."""
    if form.website:
        return
    person = queries.by_email(db, form.email)
    if person is None:
        invite(db, None, form.name, form.email)
    elif person.password_hash is None:
        _send_invitation(db, person)
    else:
        text = "Somebody asked to open an account with this address. You already have one: just sign in."
        mail.post(db, person.email, "You already have an account", text, ("Sign in", "/sign-in"))


def forgot_password(db: Session, email: str) -> None:
    """Send a reset link if there is such an account; otherwise do nothing, in the same words."""
    person = queries.by_email(db, email)
    if person is None or not person.is_active:
        return
    if person.password_hash is None:
        _send_invitation(db, person)
        return
    path = _new_link(db, person, Purpose.RESET)
    text = "Choose a new password with this link. It works once, within an hour. If you did not ask for it, ignore it."
    mail.post(db, person.email, "Choose a new password", text, ("Choose a new password", path))


def sign_in(db: Session, passwords: Passwords, email: str, password: str, device: str) -> str | None:
    """The token for the cookie, or None. Wrong password, unknown address and closed account look and last the same."""
    person = queries.by_email(db, email)
    right = passwords.verify(password, person.password_hash if person else None)
    if person is None or not right or not person.is_active or person.password_hash is None:
        audit.record(db, person, "accounts.sign-in-failed", person)
        return None
    if passwords.is_outdated(person.password_hash):
        person.password_hash = passwords.hash(password)
    audit.record(db, person, "accounts.signed-in", person)
    return start_sign_in(db, person.id, device)


def start_sign_in(db: Session, person_id: UUID, device: str) -> str:
    """A new sign-in row; returns the token, which is stored nowhere."""
    token = new_token()
    db.add(SignIn(person_id=person_id, token_hash=fingerprint(token), device=device[:80]))
    return token


def sign_out(db: Session, viewer: Viewer) -> None:
    _end(db, col(SignIn.id) == viewer.sign_in_id)
    audit.record(db, viewer, "accounts.signed-out")


def revoke(db: Session, viewer: Viewer, sign_in_id: UUID) -> None:
    """End one of the viewer's own sign-ins. Raises NotFound for somebody else's, and for one that has ended."""
    if not _end(db, col(SignIn.id) == sign_in_id, col(SignIn.person_id) == viewer.id):
        raise NotFound("There is no such device.")
    audit.record(db, viewer, "accounts.sign-in-revoked")


def touch(db: Session, sign_in_id: UUID, at: datetime) -> None:
    """Note that a sign-in is in use."""
    db.exec(update(SignIn).where(col(SignIn.id) == sign_in_id).values(used_at=at))


def accept_link(db: Session, passwords: Passwords, link: MailedLink, password: str) -> Person:
    """Set the password an invitation or a reset allows. Raises Refused, before it writes, when it is weak."""
    person = queries.person(db, link.person_id)
    _refuse_weak(person, password)
    _use(db, link)
    _set_password(db, passwords, person, password)
    person.email_proven_at = person.email_proven_at or clock.now()
    audit.record(db, person, f"accounts.{link.purpose}-used", person)
    if link.purpose is Purpose.RESET:
        _tell_password_changed(db, person)
    return person


def change_password(db: Session, passwords: Passwords, viewer: Viewer, form: ChangePasswordForm) -> None:
    """Needs the old one; ends every other sign-in and tells the person by e-mail."""
    person = _proven(db, passwords, viewer, form.current)
    _set_password(db, passwords, person, form.password, keep=viewer.sign_in_id)
    _tell_password_changed(db, person)
    audit.record(db, viewer, "accounts.password-changed", person)


def ask_new_email(db: Session, passwords: Passwords, viewer: Viewer, form: ChangeEmailForm) -> None:
    """Send a link to the new address; nothing changes until it is followed."""
    person = _proven(db, passwords, viewer, form.proof)
    if queries.by_email(db, form.email) is None:
        path = _new_link(db, person, Purpose.NEW_EMAIL, form.email)
        text = "Please confirm that this is your new address for the portal. The link works once, within a day."
        mail.post(db, form.email, "Confirm your new address", text, ("Confirm my address", path))
    audit.record(db, viewer, "accounts.new-email-asked", person)


def confirm_new_email(db: Session, link: MailedLink) -> None:
    """The link was followed: the address changes, the old one is told, and links sent there open nothing any more."""
    person = queries.person(db, link.person_id)
    if queries.by_email(db, link.new_email):
        raise Refused("There is already an account with this e-mail address.")
    mail.post(
        db,
        person.email,
        "Your address was changed",
        "Your portal account now uses another e-mail address. If that was not you, call us.",
    )
    _use(db, link)
    _void_links(db, person)
    person.email, person.email_proven_at = link.new_email, clock.now()
    audit.record(db, person, "accounts.email-changed", person)


def edit_profile(db: Session, viewer: Viewer, form: ProfileForm) -> None:
    person = queries.person(db, viewer.id)
    person.name, person.phone, person.time_zone = form.name, form.phone, form.time_zone or ""
    audit.record(db, viewer, "accounts.profile-edited", person)


CLOSED = Event()  # told (db, Person): somebody can no longer sign in


def set_active(db: Session, actor: Viewer, person_id: UUID, *, active: bool) -> Person:
    """Close or reopen an account; closing ends every sign-in and every link at once."""
    if actor.id == person_id:
        raise Refused("You cannot close your own account. Ask another admin.")
    person = queries.person(db, person_id)
    person.is_active = active
    if not active:
        _end(db, col(SignIn.person_id) == person_id)
        _void_links(db, person)
        CLOSED.tell(db, person)
    audit.record(db, actor, "accounts.opened" if active else "accounts.closed", person)
    return person


def make_admin(db: Session, passwords: Passwords, name: str, email: str, password: str) -> Person:
    """For the command line and the demo: an account that can sign in at once."""
    person = add_person(db, None, name, email)
    person.is_admin = True
    set_first_password(db, passwords, person, password)
    return person


def set_first_password(db: Session, passwords: Passwords, person: Person, password: str) -> None:
    _set_password(db, passwords, person, password)
    person.email_proven_at = clock.now()


def _add(db: Session, actor: audit.Actor | None, person: Person) -> Person:
    if not insert_once(db, Person.__table__, person.model_dump(), "email"):  # type: ignore[attr-defined]
        raise Refused("There is already an account with this e-mail address.")
    person = queries.person(db, person.id)
    audit.record(db, actor, "accounts.added", person, person.id if person.is_client else None)
    return person


def _send_invitation(db: Session, person: Person) -> None:
    path = _new_link(db, person, Purpose.INVITATION)
    text = "Your account is ready. Choose a password with this link; it works once, within seven days."
    mail.post(db, person.email, "Your invitation to the portal", text, ("Choose my password", path))


def _new_link(db: Session, person: Person, purpose: Purpose, new_email: str = "") -> str:
    now, token = clock.now(), new_token()
    _void_links(db, person, col(MailedLink.purpose) == purpose)
    link = MailedLink(
        person_id=person.id,
        purpose=purpose,
        token_hash=fingerprint(token),
        new_email=new_email,
        made_at=now,
        expires_at=now + LINK_LASTS[purpose],
    )
    db.add(link)
    return f"/link/{token}"


def _use(db: Session, link: MailedLink) -> None:
    taken = (
        update(MailedLink)
        .where(col(MailedLink.id) == link.id, col(MailedLink.used_at).is_(None))
        .values(used_at=clock.now())
    )
    if db.exec(taken).rowcount != 1:
        raise Refused("This link was used a moment ago.")


def _proven(db: Session, passwords: Passwords, viewer: Viewer, password: str) -> Person:
    person = queries.person(db, viewer.id)
    if not passwords.verify(password, person.password_hash):
        raise Refused("This is not your current password.")
    return person


def _refuse_weak(person: Person, password: str) -> None:
    if problem := weakness(password, person.name, person.email, *WORDS_OF_OURS):
        raise Refused(problem)


def _set_password(db: Session, passwords: Passwords, person: Person, password: str, keep: UUID | None = None) -> None:
    """Also ends every other sign-in and every link under way: whoever had the old password may have asked for one."""
    _refuse_weak(person, password)
    person.password_hash = passwords.hash(password)
    _void_links(db, person)
    others = [col(SignIn.person_id) == person.id] + ([col(SignIn.id) != keep] if keep else [])
    _end(db, *others)


def _end(db: Session, *which: ColumnElement[bool]) -> int:
    return db.exec(update(SignIn).where(col(SignIn.ended_at).is_(None), *which).values(ended_at=clock.now())).rowcount


def _void_links(db: Session, person: Person, *which: ColumnElement[bool]) -> None:
    unused = (col(MailedLink.person_id) == person.id, col(MailedLink.used_at).is_(None))
    db.exec(update(MailedLink).where(*unused, *which).values(used_at=clock.now()))


def _tell_password_changed(db: Session, person: Person) -> None:
    text = "The password of your portal account was changed just now. If that was not you, call us."
    mail.post(db, person.email, "Your password was changed", text)
