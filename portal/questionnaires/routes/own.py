"""The client answers page by page, looks everything over, and sends it."""

from typing import Annotated, Any

from fastapi import Depends, Request
from starlette.responses import Response

from portal.accounts.auth import CurrentClient
from portal.accounts.rules import Viewer
from portal.kit.errors import NotFound
from portal.kit.forms import Bound, Posted, bind, blank
from portal.kit.routing import Db, Router
from portal.kit.web import redirect, render
from portal.questionnaires import queries, rules, service, sets
from portal.questionnaires.forms import PREFIX, CheckForm, PageForm, SendForm, answers_in, ask_for_rest
from portal.questionnaires.pages import Page
from portal.questionnaires.queries import Sheet
from portal.questionnaires.rules import Answer

SAVED = "Saved, and not sent yet. You can go on here or on another device."
SENT = "Thank you. A practitioner reads this before you meet."
OPTIONS = [(answer.value, answer.label) for answer in Answer]
router = Router(prefix="/health-questions")
OnePage = Annotated[Bound[PageForm], Depends(bind(PageForm))]
LastPage = Annotated[Bound[SendForm], Depends(bind(SendForm))]
Check = Annotated[Bound[CheckForm], Depends(bind(CheckForm))]


@router.get("", name="questionnaires:mine")
def mine(request: Request, db: Db, client: CurrentClient) -> Response:
    health = queries.health(db, client, client.id)
    known = {"health": health, "count": len(sets.in_force(db).asked), "today": queries.today(db)}
    return render(request, "questionnaires/mine.html", **known)


@router.get("/check", name="questionnaires:check")
def check(request: Request, db: Db, client: CurrentClient) -> Response:
    return _check(request, db, client, blank())


@router.post("/check", name="questionnaires:checked")
def checked(request: Request, db: Db, client: CurrentClient, form: Check) -> Response:
    if not form.ok:
        return _check(request, db, client, form, 422)
    if service.check(db, client, form.value.changed):
        return redirect(request, "questionnaires:mine", flash=SENT)
    return redirect(request, "questionnaires:page", page=1)


@router.get("/send", name="questionnaires:look-over")
def look_over(request: Request, db: Db, client: CurrentClient) -> Response:
    sheet = queries.sheet(db, client)
    return _last(request, sheet) if sheet.draft else redirect(request, "questionnaires:mine")


@router.post("/send", name="questionnaires:send")
def send(request: Request, db: Db, client: CurrentClient, form: LastPage) -> Response:
    if not form.ok:
        return _last(request, queries.sheet(db, client), form)
    if form.value.later:
        service.save_page(db, client, {}, queries.sheet(db, client).last_page, form.value.note)
        return redirect(request, "questionnaires:mine", flash=SAVED, kind="info")
    try:
        service.send(db, client, form.value.note)
    except service.Incomplete as gap:
        return _gap(request, queries.sheet(db, client), gap.page)
    return redirect(request, "questionnaires:mine", flash=SENT)


@router.post("/discard", name="questionnaires:discard")
def discard(request: Request, db: Db, client: CurrentClient, posted: Posted) -> Response:
    service.discard(db, client)
    return redirect(request, "questionnaires:mine", flash="Thrown away. Nothing was sent.", kind="info")


@router.get("/{page}", name="questionnaires:page")
def page(request: Request, db: Db, client: CurrentClient, page: int) -> Response:
    sheet = queries.sheet(db, client)
    return _page(request, sheet, _of(sheet, page), _filled(sheet))


@router.post("/{page}", name="questionnaires:save")
def save(request: Request, db: Db, client: CurrentClient, page: int, form: OnePage) -> Response:
    sheet = queries.sheet(db, client)
    asked = _of(sheet, page)
    if not form.ok:
        return _page(request, sheet, asked, form, 422)
    shown = sets.of_version(db, form.value.version)
    sheet = service.save_page(
        db, client, rules.still_valid(answers_in(form, shown), shown, sheet.questions.asked), page
    )
    if form.value.later:
        return redirect(request, "questionnaires:mine", flash=SAVED, kind="info")
    if not ask_for_rest(form, asked.questions, sheet.answers).ok:
        return _page(request, sheet, asked, form, 422)
    return _onwards(request, sheet, page + 1)


def _onwards(request: Request, sheet: Sheet, number: int) -> Response:
    if number == sheet.last_page:
        return redirect(request, "questionnaires:look-over")
    return redirect(request, "questionnaires:page", page=number)


def _of(sheet: Sheet, number: int) -> Page:
    found = next((page for page in sheet.pages if page.number == number), None)
    if found is None:
        raise NotFound
    return found


def _given(db: Db, sheet: Sheet, form: Bound[PageForm]) -> dict[str, Answer]:
    """What was answered to the words as they were shown, as far as those are still the words that are asked."""
    shown = sets.of_version(db, form.value.version)
    return rules.still_valid(answers_in(form, shown), shown, sheet.questions.asked)


def _filled(sheet: Sheet) -> Bound[Any]:
    return blank(**{PREFIX + key: answer.value for key, answer in sheet.answers.items()})


def _gap(request: Request, sheet: Sheet, number: int) -> Response:
    asked = _of(sheet, number)
    return _page(request, sheet, asked, ask_for_rest(_filled(sheet), asked.questions, sheet.answers), 422)


def _page(request: Request, sheet: Sheet, page: Page, form: Bound[Any], status: int = 200) -> Response:
    labels = {PREFIX + question.key: question.short for question in page.questions}
    known = {"sheet": sheet, "page": page, "form": form, "prefix": PREFIX, "options": OPTIONS, "labels": labels}
    return render(request, "questionnaires/page.html", status, **known)


def _last(request: Request, sheet: Sheet, form: Bound[Any] | None = None) -> Response:
    words = blank(note=sheet.draft.note if sheet.draft else "")
    return render(request, "questionnaires/send.html", 422 if form else 200, sheet=sheet, form=form or words)


def _check(request: Request, db: Db, client: Viewer, form: Bound[Any], status: int = 200) -> Response:
    since = queries.newest(db, client, client.id)
    if since is None or queries.draft_of(db, client):
        return redirect(request, "questionnaires:mine")
    questions = sets.in_force(db)
    due = queries.to_ask(db, questions, since)
    known = [(one, Answer(since.answers[one.key])) for one in questions.asked if one not in due]
    return render(request, "questionnaires/check.html", status, since=since, due=due, known=known, form=form)
