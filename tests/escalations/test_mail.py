"""A real mail server that is away for an hour: every e-mail arrives once, and none says what it is about."""

from collections import Counter
from datetime import timedelta
from email.message import EmailMessage

import pytest
from sqlmodel import col, select

from portal.escalations import service
from portal.kit import clock
from portal.kit.db import transaction
from portal.kit.forms import checked
from portal.kit.mail import OutboxMail, SmtpTransport
from portal.side_effects import queries as reports
from portal.side_effects import service as side_effects
from portal.side_effects.forms import CloseForm
from tests.make_escalations import an_action
from tests.make_side_effects import a_report_form
from tests.tools.ports import free_port
from tests.tools.smtp import Received, mail_server

SECRETS = (
    *("redness", "pus", "fever", "itch", "swelling", "side effect", "side-effect", "report", "symptom", "scalp"),
    *("needl", "treat", "urgent", "alice", "ash", "monkshood", "health", "session", "skin"),
)


@pytest.fixture
def minute(engine, run_jobs):
    """One minute of the portal with all its jobs, so many minutes after the beginning."""
    begun = clock.now()

    def run(number: int) -> None:
        with clock.travelled(begun + timedelta(minutes=number, seconds=10) - clock.now()):
            with transaction(engine) as db:
                service.tick(db)
            run_jobs()

    return run


@pytest.fixture
def reported(engine, alice):
    """Pus, fever and words that no mail may hold."""
    with transaction(engine) as db:
        form = a_report_form(
            symptoms=["redness", "discharge"], redness="severe", discharge=["pus"], temperature="39.5", note="monkshood"
        )
        return side_effects.report(db, alice, form)


def text_of(message: EmailMessage) -> str:
    parts = [part.get_content() for part in message.walk() if part.get_content_maintype() == "text"]
    headers = [f"{name}: {value}" for name, value in message.items() if name not in {"Message-ID", "Date"}]
    return "\n".join([*headers, *parts]).lower()


@pytest.fixture
def transport(app):
    """`transport(server)`: from now on mail goes there."""
    before = app.state.mail_transport

    def use(host: str, port: int) -> None:
        app.state.mail_transport = SmtpTransport(host, port, "", "", tls=False)

    yield use
    app.state.mail_transport = before


def to_team(server) -> list[Received]:
    return [one for one in server.received if one.recipients != ["alice@example.test"]]


def test_a_mail_server_that_is_away_for_an_hour_gets_every_mail_once(engine, bob, erin, reported, minute, transport):
    transport("127.0.0.1", free_port())
    for number in range(61):
        minute(number)
    with transaction(engine) as db:
        waiting = db.exec(select(OutboxMail).where(col(OutboxMail.sent_at).is_(None))).all()
    assert Counter(one.to for one in waiting if one.to != "alice@example.test") == {bob.email: 2, erin.email: 2}
    with mail_server() as server:
        transport(server.host, server.port)
        for number in (*range(61, 80), 200):
            minute(number)
    assert Counter(one.recipients[0] for one in to_team(server)) == {bob.email: 2, erin.email: 2}
    assert len({one.message["Message-ID"] for one in server.received}) == len(server.received)
    for one in to_team(server):
        assert one.message["Subject"] == "The portal needs you now"
        assert [word for word in SECRETS if word in text_of(one.message)] == []


def test_a_server_that_refuses_half_of_them_gets_the_rest_later(bob, erin, reported, minute, transport):
    with mail_server() as server:
        transport(server.host, server.port)
        for number in range(60):
            server.answer = "451 later" if number % 2 else "250 OK"
            minute(number)
        server.answer = "250 OK"
        minute(80)
    assert Counter(one.recipients[0] for one in to_team(server)) == {bob.email: 2, erin.email: 2}


def test_what_the_client_is_written_says_nothing_either(engine, bob, reported, minute, transport):
    with mail_server() as server:
        transport(server.host, server.port)
        with transaction(engine) as db:
            report = reports.report(db, bob, reported.id)
            an_action(db, bob, report, "Told to see a doctor about the pus.")
            side_effects.close(db, bob, report, checked(CloseForm, outcome="treated_elsewhere").value)
        minute(1)
    to_alice = " ".join(text_of(one.message) for one in server.received if one not in to_team(server))
    assert "sign in to read it" in to_alice
    assert not [word for word in ("pus", "fever", "monkshood", "doctor", "redness") if word in to_alice]
