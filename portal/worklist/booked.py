"""What waits about appointments: sessions on hold, requests to change one, decisions that take a second person."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlmodel import Session, col, select

from portal.accounts import queries as people
from portal.accounts.rules import Viewer
from portal.availability.rules import in_words
from portal.bookings import queries as bookings
from portal.bookings.models import Appointment, ChangeRequest, GateOverride
from portal.bookings.rules import State, Wish
from portal.clinic import queries as clinic
from portal.kit import clock
from portal.suitability.answer import Code
from portal.worklist.rules import Kind, Rank, Waiting, rank_of_change

MOST = 50
_LONGEST = 140
BECAUSE = {
    Code.NO_VERDICT: "no verdict",
    Code.NOT_SUITABLE: "not suitable",
    Code.DEFERRED: "the decision is put off",
    Code.EXPIRED: "the verdict has expired",
    Code.OUT_OF_SCOPE: "not what the verdict covers",
    Code.HEALTH_CHANGED: "health answers",
    Code.CONSENT: "the consent",
    Code.COOLING_OFF: "the time to think",
    Code.TOO_SOON: "too close to another session",
    Code.SIDE_EFFECT: "a side effect is open",
    Code.HOLD: "sessions are paused",
}
_WISHES = {Wish.MOVE: "Asks to move an appointment", Wish.CANCEL: "Asks to cancel an appointment"}


def lines(db: Session, viewer: Viewer) -> list[Waiting]:
    """All three, for practitioners; at most five statements, however many wait."""
    held, asked = on_hold(db, viewer), bookings.open_requests(db, viewer, MOST)
    passed = bookings.to_countersign(db, viewer, MOST)
    about = _appointments(db, [one.appointment_id for one in asked])
    who = {one.client_id for one in held} | {one.client_id for one in asked} | {one.client_id for one in passed}
    names, zone = people.names(db, [*who, *(one.by_id for one in passed)]), clinic.profile(db).time_zone
    return [
        *(_held(one, names, zone) for one in held),
        *(_asked(one, about[one.appointment_id], names, zone) for one in asked if about[one.appointment_id].is_booked),
        *(_passed(one, names, zone) for one in passed),
    ]


def on_hold(db: Session, viewer: Viewer) -> Sequence[Appointment]:
    """What is booked, on hold and has not begun, the soonest first; for practitioners."""
    wanted = select(Appointment).where(Appointment.state == State.BOOKED, col(Appointment.on_hold_since).is_not(None))
    wanted = wanted.where(Appointment.starts_at > clock.now()).order_by(col(Appointment.starts_at))
    return db.exec(wanted.limit(MOST)).all() if viewer.is_practitioner else ()


def _appointments(db: Session, ids: Iterable[UUID]) -> dict[UUID, Appointment]:
    wanted = set(ids)
    rows = db.exec(select(Appointment).where(col(Appointment.id).in_(wanted))) if wanted else ()
    return {one.id: one for one in rows}


def _held(one: Appointment, names: dict[UUID, str], zone: str) -> Waiting:
    because = ", ".join(BECAUSE[Code(code)] for code in one.on_hold_codes)
    return Waiting(
        Rank.ON_HOLD,
        Kind.ON_HOLD,
        one.on_hold_since or one.starts_at,
        names[one.client_id],
        f"A session is on hold: {in_words(one.starts_at, zone)}",
        f"Because of: {because}",
        "bookings:show",
        (("appointment_id", one.id),),
        "On hold",
        "watch",
        "alert",
        one.starts_at,
    )


def _asked(one: ChangeRequest, appointment: Appointment, names: dict[UUID, str], zone: str) -> Waiting:
    rank = rank_of_change(appointment.starts_at, clock.now())
    return Waiting(
        rank,
        Kind.CHANGES,
        one.made_at,
        names[one.client_id],
        f"{_WISHES[one.wish]}: {in_words(appointment.starts_at, zone)}",
        _short(one.reason),
        "bookings:show",
        (("appointment_id", one.appointment_id),),
        "Change asked for",
        "watch" if rank is Rank.CHANGE_SOON else "info",
        "calendar",
        appointment.starts_at,
    )


def _passed(one: GateOverride, names: dict[UUID, str], zone: str) -> Waiting:
    return Waiting(
        Rank.COUNTERSIGN,
        Kind.COUNTERSIGN,
        one.at,
        names[one.client_id],
        f"A decision in spite of the gate waits for you: {in_words(one.for_starts_at, zone)}",
        _short(f"{names[one.by_id]}: {one.reason}"),
        "bookings:show",
        (("appointment_id", one.appointment_id),),
        "Countersign",
        "watch",
        "pen",
        one.for_starts_at,
    )


def _short(words: str) -> str:
    return words if len(words) <= _LONGEST else f"{words[: _LONGEST - 1].rstrip()}…"
