"""One request, one hop, one transaction; a form acts once."""

import threading
from typing import Annotated

import pytest
from fastapi import Depends, Request
from sqlalchemy import Engine
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.testclient import TestClient

from portal.kit.db import transaction
from portal.kit.errors import NotAllowed, Refused
from portal.kit.forms import Bound, Form, Line, Posted, bind
from portal.kit.jobs import Job
from portal.kit.routing import Db, InHop, Router
from tests.kit.small_app import a_row, small_app, written


class Note(Form):
    text: Line


Entry = Annotated[Bound[Note], Depends(bind(Note))]
slow, may_go_on, begun = {"on": False}, threading.Event(), threading.Event()


async def _guard(request: Request) -> InHop:
    def check(_: object) -> str:
        if request.headers.get("x-role") == "stranger":
            raise NotAllowed("Not for you.")
        return "guarded"

    return InHop(check)


Guarded = Annotated[str, Depends(_guard)]
router = Router()


@router.post("/notes")
def add(request: Request, db: Db, who: Guarded, form: Entry) -> Response:
    if not form.ok:
        return PlainTextResponse("wrong", 422)
    if form.value.text == "slow":
        begun.set()
        may_go_on.wait(20)
    db.add(a_row(form.value.text))
    db.flush()
    if form.value.text == "refused":
        raise Refused("The rule says no.")
    if form.value.text == "bug":
        raise ZeroDivisionError
    return RedirectResponse(f"/notes/{form.value.text}", 303)


@router.post("/pages")
def page(request: Request, db: Db, posted: Posted) -> Response:
    db.add(a_row("page"))
    return PlainTextResponse("no redirect")


@router.get("/writes")
def writes(request: Request, db: Db, who: Guarded) -> Response:
    return PlainTextResponse(who)


@pytest.fixture
def browser(engine: Engine) -> TestClient:
    return small_app(engine, router)


def post(browser: TestClient, text: str, token: str = "", **headers: str) -> Response:
    return browser.post("/notes", data={"text": text, "form_token": token}, headers=headers)


def test_returning_commits_and_the_answer_comes_after(browser, engine):
    assert post(browser, "first").headers["location"] == "/notes/first"
    assert written(engine, "first") == 1


@pytest.mark.parametrize("text, status", [("refused", 409), ("bug", 500)])
def test_raising_rolls_back(browser, engine, text, status):
    assert post(browser, text).status_code == status
    assert written(engine, text) == 0


def test_the_same_form_twice_acts_once(browser, engine):
    first, second = post(browser, "twice", "token"), post(browser, "twice", "token")
    assert [first.status_code, second.status_code] == [303, 303]
    assert second.headers["location"] == first.headers["location"], "led to where the first led"
    assert written(engine, "twice") == 1


def test_the_same_form_twice_at_once_acts_once(browser, engine):
    together, answers = threading.Barrier(6), []

    def send() -> None:
        together.wait()
        answers.append(post(browser, "at-once", "token"))

    threads = [threading.Thread(target=send) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert {(answer.status_code, answer.headers["location"]) for answer in answers} == {(303, "/notes/at-once")}
    assert len(answers) == 6
    assert written(engine, "at-once") == 1


def test_a_mistake_does_not_use_the_form_up(browser, engine):
    assert post(browser, "", "token").status_code == 422
    assert post(browser, "mended", "token").status_code == 303
    assert written(engine, "mended") == 1


def test_a_refusal_does_not_use_the_form_up(browser, engine):
    assert post(browser, "refused", "token").status_code == 409
    assert post(browser, "then", "token").status_code == 303
    assert written(engine, "then") == 1


def test_two_forms_act_twice(browser, engine):
    post(browser, "same", "one")
    post(browser, "same", "two")
    post(browser, "same")
    post(browser, "same")
    assert written(engine, "same") == 4, "without a token each counts"


def test_a_form_of_another_browser_or_page_is_another_form(browser, engine):
    post(browser, "mine", "token")
    browser.cookies.set("portal", "somebody else")
    post(browser, "mine", "token")
    assert written(engine, "mine") == 2
    assert browser.post("/pages", data={"form_token": "token"}).status_code == 200


def test_an_answer_that_leads_nowhere_may_be_asked_for_again(browser, engine):
    for _ in range(2):
        assert browser.post("/pages", data={"form_token": "token"}).text == "no redirect"
    assert written(engine, "page") == 2


def test_a_token_that_is_a_file_is_no_token(browser, engine):
    for _ in range(2):
        browser.post("/notes", data={"text": "file"}, files={"form_token": ("a", b"token")})
    assert written(engine, "file") == 2


def test_the_guard_speaks_before_anything_is_written(browser, engine):
    answer = post(browser, "stranger", **{"x-role": "stranger"})
    assert (answer.status_code, answer.text) == (403, "Not for you.")
    assert written(engine, "stranger") == 0
    assert browser.get("/writes").text == "guarded"


def test_slow_work_before_the_first_write_holds_nobody_up(browser, engine):
    begun.clear()
    may_go_on.clear()
    slow_one = threading.Thread(target=post, args=(browser, "slow"))
    slow_one.start()
    assert begun.wait(20)
    with transaction(engine) as db:
        db.add(a_row("quick"))
    assert written(engine, "quick") == 1
    assert written(engine, "slow") == 0
    may_go_on.set()
    slow_one.join(20)
    assert written(engine, "slow") == 1


def test_nothing_is_sent_before_it_is_certain(engine):
    """If the commit fails, the browser must not have been told that all went well."""
    strict = Router()

    @strict.post("/doomed")
    def doomed(request: Request, db: Db, posted: Posted) -> Response:
        db.add(a_row("doomed"))
        db.flush()
        db.add_all([Job(kind="x", key="the same"), Job(kind="x", key="the same")])  # found out at the commit
        return PlainTextResponse("all went well")

    assert small_app(engine, strict).post("/doomed").status_code == 500
    assert written(engine, "doomed") == 0
