"""Health answers and versions of the questions for tests, made through the services."""

from dataclasses import replace

from sqlmodel import Session

from portal.accounts.rules import Viewer
from portal.kit.forms import checked
from portal.questionnaires import editor, queries, service, sets
from portal.questionnaires.forms import PublishForm, QuestionForm
from portal.questionnaires.models import HealthAnswers, QuestionSet
from portal.questionnaires.rules import Answer, Question


def health_answers(db: Session, client: Viewer, note: str = "", **changes: str) -> HealthAnswers:
    """A client answers everything anew and sends it: no to all but `changes`."""
    service.discard(db, client)
    given = {key: Answer(changes.get(key, "no")) for key in queries.sheet(db, client).keys}
    service.save_page(db, client, given, 1)
    return service.send(db, client, note)


def unsent_answers(db: Session, client: Viewer, pages: int = 1) -> None:
    """A client has answered so many pages with no, and sent nothing."""
    for page in queries.sheet(db, client).pages[:pages]:
        service.save_page(db, client, {question.key: Answer.NO for question in page.questions}, page.number)


def nothing_changed(db: Session, client: Viewer, **again: str) -> HealthAnswers:
    """A client confirms the answers before; what is due again is answered with no, or as `again` says."""
    sent = service.check(db, client, [])
    if sent is None:
        given = {key: Answer(again.get(key, "no")) for key in queries.sheet(db, client).keys}
        service.save_page(db, client, given, 1)
        sent = service.send(db, client)
    return sent


def question_fields(question: Question, **changes: object) -> dict[str, object]:
    """What the admin's form carries for this question."""
    known = {name: getattr(question, name) for name in QuestionForm.model_fields}
    return {**known, "sources": ", ".join(question.sources), **changes}


def a_new_version(db: Session, admin: Viewer, remove: str = "", **words: str) -> QuestionSet:
    """Publish: a question is reworded (key → its new words), and one may be removed."""
    for key, ask in words.items():
        question = replace(sets.prepared_one(db, key), ask=ask)
        editor.save_question(db, admin, checked(QuestionForm, **question_fields(question)).value, key)
    if remove:
        editor.remove_question(db, admin, remove)
    return editor.publish(db, admin, checked(PublishForm, note="Clearer words.").value)
