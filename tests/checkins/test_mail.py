"""What is mailed because of a check-in says nothing of health, and comes once."""

from sqlmodel import select

from portal.checkins import steps
from portal.kit.db import transaction
from portal.kit.mail import SmtpTransport
from portal.notifications.models import Notice
from tests.make_checkins import rows, treated
from tests.make_side_effects import a_report
from tests.tools.smtp import mail_server

SECRETS = (
    *("redness", "itch", "swelling", "side effect", "side-effect", "report", "symptom", "scalp", "monkshood"),
    *("needl", "treat", "urgent", "alice", "ash", "health", "session", "skin", "pus", "hour"),
)


def words_of(message) -> str:
    parts = [part.get_content() for part in message.walk() if part.get_content_maintype() == "text"]
    headers = [f"{name}: {value}" for name, value in message.items() if name not in {"Message-ID", "Date", "To"}]
    return "\n".join([*headers, *parts]).lower()


def test_reminders_arrive_once_and_say_nothing(app, engine, alice, bob, after, run_jobs):
    before = app.state.mail_transport
    with mail_server() as server:
        app.state.mail_transport = SmtpTransport(server.host, server.port, "", "", tls=False)
        try:
            with after(0):
                treated(engine, alice, bob, hours=(6,))
            with after(1), transaction(engine) as db:
                a_report(db, alice, symptoms=["discharge"], discharge=["pus"], note="monkshood")
            for moment in (2, 6.1, 6.2, 25.1, 25.2):
                with after(moment):
                    with transaction(engine) as db:
                        steps.tick(db)
                    run_jobs()
        finally:
            app.state.mail_transport = before
    mine = [one for one in server.received if one.message["Subject"] == steps.SUBJECT]
    assert [one.recipients for one in mine] == [["alice@example.test"]] * 2
    for one in mine:
        assert [word for word in SECRETS if word in words_of(one.message)] == []
        assert "/check-ins/" in words_of(one.message)
    with transaction(engine, write=False) as db:
        texts = [one.text for one in db.exec(select(Notice)) if one.key.startswith("checkins.")]
    assert texts == [steps.ASKS, steps.ASKS_AGAIN]
    assert len(rows(engine, alice)) == 2
