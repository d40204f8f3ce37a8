"""Verbs: save and send answers, say that nothing has changed, let a verdict stand. What is sent is never changed."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel import Session

from portal.accounts import queries as accounts
from portal.accounts.models import Person
from portal.accounts.rules import Viewer
from portal.audit import service as audit
from portal.kit import clock
from portal.kit.db import lock_row
from portal.kit.errors import NotAllowed, Refused
from portal.kit.events import Event
from portal.notifications import service as notifications
from portal.questionnaires import editor, queries, rules, sets
from portal.questionnaires.forms import AcceptForm
from portal.questionnaires.models import AnswersDraft, AnswersReview, HealthAnswers
from portal.questionnaires.pages import first_gap
from portal.questionnaires.queries import Sheet
from portal.questionnaires.rules import Answer

CHANGED = Event()  # told (db, client_id): answers were sent, or a practitioner let them stand
MINE = ("To your health answers", "/health-questions")
NOT_OPEN = "These answers are not open any more: they were sent, or thrown away."
_PERSON = Person.__table__  # type: ignore[attr-defined]


class Incomplete(Refused):
    """Not every question is answered; `page` has the first gap."""

    def __init__(self, page: int) -> None:
        super().__init__("Please answer every question first.", ("To the first open question", f"{MINE[1]}/{page}"))
        self.page = page


def save_page(db: Session, client: Viewer, given: Mapping[str, Answer], page: int, note: str | None = None) -> Sheet:
    """Keep what was answered so far, complete or not; once `page` is complete, the next one is where to go on. Nothing
    is sent.
    """
    _alone(db, client.id)
    sheet = queries.sheet(db, client)
    keys = set(sheet.keys)
    kept = {**sheet.answers, **{key: Answer(answer) for key, answer in given.items() if key in keys}}
    done = next((one for one in sheet.pages if one.number == page), None)
    is_done = done is not None and all(question.key in kept for question in done.questions)
    _keep(db, client, sheet, {key: answer.value for key, answer in kept.items()}, page + is_done, note)
    return queries.sheet(db, client)


def send(db: Session, client: Viewer, note: str = "") -> HealthAnswers:
    """Send the draft: a new row with every question answered. Raises Incomplete; Refused without a draft."""
    _alone(db, client.id)
    sheet = queries.sheet(db, client)
    if sheet.draft is None:
        raise Refused(NOT_OPEN, MINE)
    if gap := first_gap(sheet.pages, sheet.answers):
        raise Incomplete(gap.number)
    row = _drawn_up(db, client, sheet, note)
    db.delete(sheet.draft)
    return _sent(db, client, row)


def check(db: Session, client: Viewer, changed: Collection[str]) -> HealthAnswers | None:
    """Say what has changed since the answers before, nothing included. When nothing is left to ask the answers before
    are confirmed at once; else a draft asks for the rest and None is returned.
    """
    _alone(db, client.id)
    since = queries.newest(db, client, client.id)
    if since is None or queries.draft_of(db, client):
        raise Refused("Please finish the health questions you have begun.", MINE)
    questions = sets.in_force(db)
    wanted = [question.key for question in questions.asked if question.key in set(changed)]
    if changed and not wanted:
        raise Refused("The questions have changed meanwhile. Please look at them again.", MINE)
    if queries.to_ask(db, questions, since, wanted):
        db.add(_begun(client, questions.version, wanted, since))
        db.flush()
        return None
    nothing_asked = Sheet(questions, (), None, {}, since, queries.said(db, since))
    return _sent(db, client, _drawn_up(db, client, nothing_asked, since.note))


def discard(db: Session, client: Viewer) -> None:
    """Throw away what is not sent; fine when there is nothing."""
    _alone(db, client.id)
    if draft := queries.draft_of(db, client):
        audit.record(db, client, "questionnaires.draft_discarded", draft, client.id)
        db.delete(draft)


def accept(db: Session, practitioner: Viewer, answers_id: UUID, form: AcceptForm) -> AnswersReview:
    """Seen; the verdict stands. Only of the newest answers, and only while none of them says stop or not yet."""
    if not practitioner.is_practitioner:
        raise NotAllowed("Only a practitioner says that a verdict stands.")
    row = queries.of(db, practitioner, answers_id)
    accounts.client(db, practitioner, row.client_id)
    _alone(db, row.client_id)
    _refuse_a_look(db, practitioner, row)
    review = AnswersReview(answers_id=row.id, client_id=row.client_id, practitioner_id=practitioner.id, note=form.note)
    db.add(review)
    db.flush()
    audit.record(db, practitioner, "questionnaires.accepted", review, row.client_id)
    CHANGED.tell(db, row.client_id)
    return review


def _alone(db: Session, client_id: UUID) -> None:
    """One change about this client at a time, bookings included: none slips past what is said here."""
    lock_row(db, _PERSON, client_id)
    db.expire_all()  # what was read before the wait may be old


def _refuse_a_look(db: Session, practitioner: Viewer, row: HealthAnswers) -> None:
    way_out = ("To the answers", f"/clients/{row.client_id}/health")
    standing = queries.health(db, practitioner, row.client_id)
    if standing.newest is None or standing.newest.answers.id != row.id:
        raise Refused("Newer answers have arrived meanwhile. Please look at those.", way_out)
    if standing.newest.review:
        raise Refused("These answers have been looked at already.", way_out)
    if not standing.may_stand:
        words = (
            "An answer says stop, or not before a day to come. The verdict cannot just stand: please sign a new one."
        )
        raise Refused(words, ("To the verdict", f"/clients/{row.client_id}/verdict"))


def _begun(client: Viewer, version: int, changed: list[str], since: HealthAnswers) -> AnswersDraft:
    """A draft about what changed; the words that were said before stay to be edited."""
    return AnswersDraft(
        client_id=client.id, version=version, began_with=version, changed=changed, since_id=since.id, note=since.note
    )


def _keep(db: Session, client: Viewer, sheet: Sheet, kept: dict[str, str], page: int, note: str | None) -> None:
    version = sheet.questions.version
    editor.add_starters(db)
    draft = sheet.draft or AnswersDraft(client_id=client.id, version=version, began_with=version)
    draft.version, draft.answers, draft.page, draft.updated_at = version, kept, page, clock.now()
    if note is not None:
        draft.note = note
    db.add(draft)
    db.flush()


def _drawn_up(db: Session, client: Viewer, sheet: Sheet, note: str) -> HealthAnswers:
    """Answers given now have today's day; what was taken over unasked keeps its own."""
    today, known = queries.today(db), sheet.known
    over = {question.key: known[question.key] for question, _ in sheet.kept} if sheet.since else {}
    said = {**over, **{key: rules.Said(answer, today) for key, answer in sheet.answers.items()}}
    is_same = sheet.since is not None and not (sheet.draft and sheet.draft.changed)
    return HealthAnswers(
        client_id=client.id,
        version=sheet.questions.version,
        answers={key: one.answer.value for key, one in said.items()},
        said_on={key: one.on.isoformat() for key, one in said.items()},
        note=note,
        submitted_at=_after(queries.newest(db, client, client.id)),
        confirms_id=sheet.since.id if sheet.since and is_same else None,
    )


def _after(before: HealthAnswers | None) -> datetime:
    """Now, and in any case after the answers before: the newest must be told from the last but one."""
    now = clock.now()
    return max(now, before.submitted_at + timedelta(microseconds=1)) if before else now


def _sent(db: Session, client: Viewer, row: HealthAnswers) -> HealthAnswers:
    db.add(row)
    db.flush()
    audit.record(db, client, "questionnaires.answered", row, client.id)
    text, href = f"{client.name} has answered the health questions.", f"/clients/{client.id}/health"
    notifications.tell_practitioners(db, f"questionnaires.answered:{row.id}", text, href, by_mail=None)
    CHANGED.tell(db, client.id)
    return row
