"""Verbs on enquiries: send, take, invite, change status."""

from sqlmodel import Session

from portal.accounts import queries as people
from portal.accounts import service as accounts
from portal.accounts.models import Person
from portal.accounts.rules import Viewer
from portal.audit import service as audit
from portal.clinic import queries as clinic
from portal.enquiries import rules
from portal.enquiries.forms import EnquiryForm
from portal.enquiries.models import Enquiry
from portal.enquiries.rules import Status
from portal.kit import clock, mail
from portal.kit.errors import Refused


def send(db: Session, form: EnquiryForm) -> Enquiry | None:
    """Save first, then acknowledge by e-mail, then tell staff. None when the bot trap was filled in."""
    if form.website:
        return None
    enquiry = Enquiry(**form.model_dump(exclude={"consent", "website"}), consented_at=clock.now())
    db.add(enquiry)
    audit.record(db, None, "enquiries.sent", enquiry)
    name = clinic.profile(db).name
    text = f"Thank you for writing to {name}. We have your question and answer within one working day."
    mail.post(db, enquiry.email, "We have your enquiry", text)
    for colleague in people.team(db):
        mail.post(
            db,
            colleague.email,
            "A new enquiry is waiting",
            "Somebody would like to hear from us.",
            ("Open the enquiries", "/enquiries"),
        )
    return enquiry


def take(db: Session, viewer: Viewer, enquiry: Enquiry) -> None:
    """The viewer takes care of it from now on."""
    enquiry.owner_id = viewer.id
    audit.record(db, viewer, "enquiries.taken", enquiry)


def change_status(db: Session, viewer: Viewer, enquiry: Enquiry, status: Status) -> None:
    """Move it along. Raises Refused where that step does not exist; only `invite` makes it invited."""
    if status is Status.INVITED or not rules.may_become(enquiry.status, status):
        raise Refused(f"This enquiry is {enquiry.status} and cannot become {status}.")
    enquiry.status = status
    enquiry.owner_id = enquiry.owner_id or viewer.id
    audit.record(db, viewer, f"enquiries.{status}", enquiry)


def invite(db: Session, viewer: Viewer, enquiry: Enquiry) -> Person:
    """Turn the enquiry into an invited client with nothing retyped; an address we know gets a fresh link."""
    if not rules.may_become(enquiry.status, Status.INVITED):
        raise Refused(f"This enquiry is {enquiry.status}: open it again to invite this person.")
    person = people.by_email(db, enquiry.email)
    if person is None:
        person = accounts.invite(db, viewer, enquiry.name, enquiry.email, enquiry.phone)
    elif not person.is_client:
        raise Refused("This is the address of a member of the team.")
    elif person.password_hash is None:
        accounts.invite_again(db, person)
    enquiry.client_id = person.id
    enquiry.status, enquiry.owner_id = Status.INVITED, enquiry.owner_id or viewer.id
    audit.record(db, viewer, "enquiries.invited", enquiry, person.id)
    return person
