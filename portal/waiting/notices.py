"""What people are told about the waiting list. Only times; e-mails say that there is something new and no more."""

from datetime import datetime

from sqlmodel import Session

from portal.availability.rules import in_words
from portal.clinic import queries as clinic
from portal.notifications.service import tell
from portal.waiting.models import WaitingEntry, WaitingOffer
from portal.waiting.rules import EndReason

SUBJECT = "There is something new for you: please look soon"
_PAGE = "/waiting"
_ENDINGS = {
    EndReason.REMOVED: "The clinic has taken you off the waiting list. If that is not right, please call us.",
    EndReason.OVER: "You are no longer on the waiting list: the days you named are over. You can join again.",
    EndReason.BOOKED: "You have a time that suits what you waited for, so you are no longer on the waiting list.",
}


def offered(db: Session, offer: WaitingOffer) -> None:
    """A time has come free: until when to answer."""
    text = f"A time has come free for you: {_when(db, offer.starts_at)}. Please answer by {_when(db, offer.answer_by)}."
    tell(db, offer.client_id, f"waiting.offered:{offer.id}", text, f"{_PAGE}/offers/{offer.id}", by_mail=SUBJECT)


def lapsed(db: Session, offer: WaitingOffer) -> None:
    """It has gone on to the next."""
    text = f"The time of {_when(db, offer.starts_at)} has gone on to the next person. You stay on the waiting list."
    tell(db, offer.client_id, f"waiting.lapsed:{offer.id}", text, _PAGE, by_mail=None)


def withdrawn(db: Session, offer: WaitingOffer) -> None:
    """The clinic has taken it back."""
    when = _when(db, offer.starts_at)
    text = f"We had to take back the time of {when}. You stay on the waiting list; its page says more."
    tell(db, offer.client_id, f"waiting.withdrawn:{offer.id}", text, _PAGE)


def ended(db: Session, entry: WaitingEntry) -> None:
    """Somebody waits no longer, and did not say so themself."""
    if entry.end_reason and (text := _ENDINGS.get(entry.end_reason)):
        tell(db, entry.client_id, f"waiting.ended:{entry.id}", text, _PAGE)


def _when(db: Session, moment: datetime) -> str:
    return in_words(moment, clinic.profile(db).time_zone)
