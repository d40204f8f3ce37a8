"""The admin's side: the questions, the next version of them, and its publication."""

from typing import Annotated, Any

from fastapi import Depends, Request
from starlette.responses import Response

from portal.accounts import queries as accounts
from portal.accounts.auth import CurrentAdmin
from portal.kit.errors import Refused
from portal.kit.forms import Bound, Posted, bind, blank, refused
from portal.kit.routing import Db, Router
from portal.kit.web import redirect, render
from portal.questionnaires import editing, editor, sets
from portal.questionnaires.forms import MoveForm, PublishForm, QuestionForm
from portal.questionnaires.pages import pages_of
from portal.questionnaires.rules import Meaning, Question

PREPARED = "Kept for the next version. Clients are asked it once you publish."
MEANINGS = [(meaning.value, meaning.label) for meaning in Meaning]
router = Router(prefix="/admin/questions")
Entry = Annotated[Bound[QuestionForm], Depends(bind(QuestionForm))]
Move = Annotated[Bound[MoveForm], Depends(bind(MoveForm))]
Publish = Annotated[Bound[PublishForm], Depends(bind(PublishForm))]


@router.get("", name="questionnaires:questions")
def questions(request: Request, db: Db, admin: CurrentAdmin) -> Response:
    now, prepared, published = sets.in_force(db), sets.prepared(db), sets.versions(db)
    themes = list(dict.fromkeys(question.group for question in prepared))
    known = {
        "now": now,
        "draft": sets.next_version(db),
        "themes": [(theme, [one for one in prepared if one.group == theme]) for theme in themes],
        "edits": {edit.question.key: edit for edit in editing.edits(now.asked, prepared)},
        "pages": len(pages_of(prepared)),
        "published": published,
        "names": accounts.names(db, [one.published_by_id for one in published if one.published_by_id]),
    }
    return render(request, "questionnaires/questions.html", **known)


@router.get("/new", name="questionnaires:new-question")
def new_question(request: Request, db: Db, admin: CurrentAdmin) -> Response:
    return _edit(request, db, blank(yes=Meaning.DECIDE, unsure=Meaning.DECIDE), None)


@router.post("/new", name="questionnaires:add-question")
def add_question(request: Request, db: Db, admin: CurrentAdmin, form: Entry) -> Response:
    try:
        if form.ok:
            editor.save_question(db, admin, form.value)
    except Refused as error:
        refused(form, "short", error)
    if not form.ok:
        return _edit(request, db, form, None, 422)
    return redirect(request, "questionnaires:questions", flash=PREPARED)


@router.get("/changes", name="questionnaires:changes")
def changes(request: Request, db: Db, admin: CurrentAdmin) -> Response:
    return _changes(request, db, blank())


@router.post("/changes", name="questionnaires:publish")
def publish(request: Request, db: Db, admin: CurrentAdmin, form: Publish) -> Response:
    try:
        if form.ok:
            editor.publish(db, admin, form.value)
    except Refused as error:
        refused(form, "", error)
    if not form.ok:
        return _changes(request, db, form, 422)
    return redirect(request, "questionnaires:questions", flash="Published. From now on clients are asked these.")


@router.post("/discard", name="questionnaires:discard-changes")
def discard_changes(request: Request, db: Db, admin: CurrentAdmin, posted: Posted) -> Response:
    editor.discard(db, admin)
    return redirect(request, "questionnaires:questions", flash="Your changes are thrown away.", kind="info")


@router.get("/{key}", name="questionnaires:edit-question")
def edit_question(request: Request, db: Db, admin: CurrentAdmin, key: str) -> Response:
    question = sets.prepared_one(db, key)
    known = {name: getattr(question, name) for name in QuestionForm.model_fields if name != "sources"}
    return _edit(request, db, blank(**known, sources=", ".join(question.sources)), question)


@router.post("/{key}", name="questionnaires:save-question")
def save_question(request: Request, db: Db, admin: CurrentAdmin, key: str, form: Entry) -> Response:
    question = sets.prepared_one(db, key)
    if not form.ok:
        return _edit(request, db, form, question, 422)
    editor.save_question(db, admin, form.value, key)
    return redirect(request, "questionnaires:questions", flash=PREPARED)


@router.post("/{key}/move", name="questionnaires:move-question")
def move_question(request: Request, db: Db, admin: CurrentAdmin, key: str, form: Move) -> Response:
    editor.move_question(db, admin, key, form.value)
    return redirect(request, "questionnaires:questions", fragment=f"question-{key}")


@router.post("/{key}/remove", name="questionnaires:remove-question")
def remove_question(request: Request, db: Db, admin: CurrentAdmin, key: str, posted: Posted) -> Response:
    editor.remove_question(db, admin, key)
    return redirect(request, "questionnaires:questions", flash="Left out of the next version.")


def _edit(request: Request, db: Db, form: Bound[Any], question: Question | None, status: int = 200) -> Response:
    themes = list(dict.fromkeys(one.group for one in sets.prepared(db)))
    known = {"form": form, "question": question, "themes": themes, "meanings": MEANINGS}
    return render(request, "questionnaires/question.html", status, **known)


def _changes(request: Request, db: Db, form: Bound[Any], status: int = 200) -> Response:
    now, prepared = sets.in_force(db), sets.prepared(db)
    edits, is_reordered = editing.edits(now.asked, prepared), editing.is_reordered(now.asked, prepared)
    known = {"now": now, "edits": edits, "is_reordered": is_reordered, "form": form, "prepared": prepared}
    return render(request, "questionnaires/changes.html", status, **known)
