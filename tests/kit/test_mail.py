"""Mail through the outbox to a real server: once, retried, in one piece, and without what must not be in it."""

import email
import email.policy
from datetime import timedelta

import pytest
from sqlmodel import select

from portal.clinic.models import ClinicProfile
from portal.kit import clock
from portal.kit.db import transaction
from portal.kit.mail import ConsoleTransport, FolderTransport, OutboxMail, SmtpTransport, post
from tests.tools.smtp import mail_server

EVIL = "Hello\r\nBcc: victim@example.test\n\n<script>"


@pytest.fixture
def server(app, engine):
    before = app.state.mail_transport
    with mail_server() as made:
        app.state.mail_transport = SmtpTransport(made.host, made.port, "", "", tls=False)
        yield made
    app.state.mail_transport = before


def send(engine, *, to: str = "alice@example.test", subject: str = "Hello", text: str = "Text.", link=("", "")) -> None:
    with transaction(engine) as db:
        post(db, to, subject, text, link)


def outbox(engine) -> OutboxMail:
    with transaction(engine, write=False) as db:
        return db.exec(select(OutboxMail)).one()


def test_a_mail_is_sent_once(engine, server, run_jobs):
    send(engine, link=("Open", "/link/secret"))
    run_jobs()
    run_jobs()
    (one,) = server.received
    assert one.recipients == ["alice@example.test"]
    assert one.message["To"] == "alice@example.test"
    assert one.message["Auto-Submitted"] == "auto-generated"
    for part in ("plain", "html"):
        assert "http://127.0.0.1:8000/link/secret" in one.message.get_body((part,)).get_content()


def test_the_link_is_forgotten_once_it_is_sent(engine, server, run_jobs):
    send(engine, link=("Open", "/link/secret"))
    assert outbox(engine).link_path == "/link/secret"
    run_jobs()
    row = outbox(engine)
    assert row.link_path == ""
    assert row.sent_at
    assert "secret" not in repr(row)


def test_a_server_that_says_later_gets_it_later(engine, server, run_jobs):
    server.answer = "451 later"
    send(engine, link=("Open", "/link/secret"))
    run_jobs()
    assert server.received == []
    row = outbox(engine)
    assert (row.attempts, row.sent_at, row.link_path) == (1, None, "/link/secret")
    assert "451" in row.error
    server.answer = "250 OK"
    with clock.travelled(timedelta(minutes=1)):
        run_jobs()
        run_jobs()
    assert len(server.received) == 1
    assert (outbox(engine).attempts, outbox(engine).error) == (2, None)


def test_no_server_at_all_stops_nobody(app, engine, run_jobs):
    before, app.state.mail_transport = app.state.mail_transport, SmtpTransport("127.0.0.1", 1, "", "", tls=False)
    send(engine)
    run_jobs()
    app.state.mail_transport = before
    assert "ConnectionRefusedError" in outbox(engine).error


def test_without_a_certificate_nothing_is_handed_over(app, engine, server, run_jobs):
    app.state.mail_transport = SmtpTransport(server.host, server.port, "user", "password", tls=True)
    send(engine)
    run_jobs()
    assert server.received == []
    assert outbox(engine).sent_at is None


def test_a_rolled_back_deed_sends_nothing(engine, server, run_jobs):
    with pytest.raises(ZeroDivisionError), transaction(engine) as db:  # noqa: PT012 - the whole unit of work
        post(db, "alice@example.test", "Hello", "Text.")
        _ = 1 / 0
    run_jobs()
    assert server.received == []


@pytest.mark.parametrize("where", ["subject", "clinic", "text"])
def test_a_line_break_adds_no_header_and_no_markup_runs(engine, server, run_jobs, where):
    with transaction(engine) as db:
        db.add(ClinicProfile(name=EVIL if where == "clinic" else "Clinic"))
    send(engine, subject=EVIL if where == "subject" else "Hello", text=EVIL if where == "text" else "Text.")
    run_jobs()
    (one,) = server.received
    assert one.recipients == ["alice@example.test"]
    assert one.message["Bcc"] is None
    assert "<script>" not in one.message.get_body(("html",)).get_content()


def test_letters_of_every_language_arrive(engine, server, run_jobs):
    with transaction(engine) as db:
        db.add(ClinicProfile(name="Klinik für Haare, „Süd“ <Ost>"))
    send(engine, subject="Grüße 🙂", text="Čau\n.\n.hidden\nFrom me")
    run_jobs()
    (one,) = server.received
    assert one.message["Subject"] == "Grüße 🙂"
    assert one.message["From"].addresses[0].display_name == "Klinik für Haare, „Süd“ <Ost>"
    assert ".hidden" in one.message.get_body(("plain",)).get_content()


def test_an_address_no_server_takes_is_shown_and_not_lost(app, engine, run_jobs, tmp_path):
    for transport in (FolderTransport(tmp_path / "mail"), app.state.mail_transport):
        app.state.mail_transport = transport
    with mail_server() as server:
        before, app.state.mail_transport = (
            app.state.mail_transport,
            SmtpTransport(server.host, server.port, "", "", tls=False),
        )
        send(engine, to="jörg@example.test")
        run_jobs()
        app.state.mail_transport = before
    row = outbox(engine)
    assert row.sent_at or row.error


def test_a_mail_says_that_we_are_no_emergency_service(engine, server, run_jobs):
    send(engine)
    run_jobs()
    for part in ("plain", "html"):
        assert "mergency" in server.received[0].message.get_body((part,)).get_content()


def test_a_folder_keeps_what_a_mail_program_can_read(app, engine, run_jobs, tmp_path):
    before, app.state.mail_transport = app.state.mail_transport, FolderTransport(tmp_path / "mail")
    send(engine, subject="Grüße")
    run_jobs()
    app.state.mail_transport = before
    (file,) = (tmp_path / "mail").iterdir()
    assert email.message_from_bytes(file.read_bytes(), policy=email.policy.default)["Subject"] == "Grüße"


def test_a_terminal_shows_the_text(app, engine, run_jobs):
    said: list[str] = []
    before, app.state.mail_transport = app.state.mail_transport, ConsoleTransport(said.append)
    send(engine, text="Read me.")
    run_jobs()
    app.state.mail_transport = before
    assert "To: alice@example.test" in said[0]
    assert "Read me." in said[0]
