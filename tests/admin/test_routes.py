"""What an admin does: the team, failing mail and jobs. No clinical word."""

from datetime import timedelta

from sqlmodel import select

from portal.accounts import queries as people
from portal.kit import clock
from portal.kit.db import transaction
from portal.kit.jobs import MAX_ATTEMPTS, Job, JobState
from portal.kit.mail import SmtpTransport, post
from tests.accounts.reading import NEW, follow, link
from tests.tools.smtp import mail_server


def test_a_colleague_is_invited_and_can_work(dana_browser, visitor, engine):
    fields = {"name": "Finn Fir", "email": "finn@example.test", "title": "Nurse", "role": "practitioner"}
    assert dana_browser.post("/admin/team", data=fields).status_code == 303
    assert "Invited" in dana_browser.get("/admin/team").text
    follow(visitor, link(engine, "finn@example.test"))
    assert visitor.post("/link", data={"password": NEW}).status_code == 303
    assert visitor.get("/queue").status_code == 200
    assert visitor.get("/admin").status_code == 403


def test_an_invitation_with_a_mistake_makes_nobody(dana_browser, engine):
    for changes, sentence in [
        ({"email": "bob@example.test"}, "There is already an account"),
        ({"email": "nonsense"}, "Please check this e-mail address"),
        ({"name": ""}, "Please fill this in."),
        ({"role": "emperor"}, "Please choose one of the options."),
        ({"role": "client"}, "A member of the team is"),
    ]:
        fields = {"name": "Finn Fir", "email": "finn@example.test", "role": "admin", **changes}
        answer = dana_browser.post("/admin/team", data=fields)
        assert answer.status_code == 422
        assert sentence in answer.text
    with transaction(engine, write=False) as db:
        assert people.by_email(db, "finn@example.test") is None
        assert len(people.team(db)) == 3


def test_an_admin_cannot_close_their_own_account(dana_browser, dana):
    answer = dana_browser.post(f"/admin/team/{dana.id}/closed")
    assert answer.status_code == 409
    assert "Ask another admin" in answer.text
    assert f"/admin/team/{dana.id}/closed" not in dana_browser.get("/admin/team").text


def test_failing_mail_is_shown_with_its_reason_and_can_be_tried_again(app, dana_browser, engine, run_jobs):
    before = app.state.mail_transport
    with mail_server() as server:
        app.state.mail_transport = SmtpTransport(server.host, server.port, "", "", tls=False)
        server.answer = "451 later"
        with transaction(engine) as db:
            post(db, "alice@example.test", "Hello <b>", "A word for Alice alone.", ("Open", "/link/secret"))
        passed = timedelta(0)
        for attempt in range(1, MAX_ATTEMPTS + 1):
            with clock.travelled(passed):
                run_jobs()
                page = dana_browser.get("/admin/engine").text if passed < timedelta(minutes=10) else ""
            passed += timedelta(seconds=2**attempt + 1)
            if attempt == 1:
                assert "Hello &lt;b&gt;" in page
                assert "451" in page
                assert "for Alice alone" not in page
                assert "secret" not in page
        page = dana_browser.get("/admin/engine").text
        assert "Failed for good" in page
        assert "Some work or mail did not go through" in dana_browser.get("/admin").text
        server.answer = "250 OK"
        with transaction(engine, write=False) as db:
            job = db.exec(select(Job).where(Job.state == JobState.FAILED)).one()
        assert dana_browser.post(f"/admin/engine/{job.id}/again").status_code == 303
        run_jobs()
        assert len(server.received) == 1
    app.state.mail_transport = before
    assert "All is well" in dana_browser.get("/admin/engine").text
    assert dana_browser.post(f"/admin/engine/{job.id}/again").status_code == 404, "it did not fail any more"


def test_only_one_link_says_where_we_are(dana_browser):
    here = 'href="/admin" aria-current="page"'
    assert here in dana_browser.get("/admin").text
    assert here not in dana_browser.get("/admin/team").text
