"""The tick that reminds, minute by minute: once, of what stands, of the time it has now."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from sqlmodel import select

from portal.bookings import service as bookings
from portal.bookings.models import Appointment
from portal.calendars import reminders
from portal.calendars.models import ReminderSent
from portal.clinic import queries as clinic
from portal.kit import clock
from portal.kit.db import transaction
from portal.kit.mail import OutboxMail
from portal.notifications.models import Notice
from tests.make_bookings import a_consultation, at_clinic

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.fixture
def ticks_until(engine):
    """Every quarter of an hour a tick, from `start` to `end`; returns when something was sent, in clinic time."""

    def run(start, end):
        sent = []
        moment = start
        while moment <= end:
            with clock.travelled(moment - clock.now()), transaction(engine) as db:
                before = len(db.exec(select(ReminderSent)).all())
                reminders.remind(db)
                db.flush()
                if len(db.exec(select(ReminderSent)).all()) > before:
                    sent.append(moment.astimezone(BERLIN))
            moment += timedelta(minutes=15)
        return sent

    return run


def read(engine, model):
    with transaction(engine, write=False) as db:
        return db.exec(select(model)).all()


def reminders_by_mail(engine):
    return [one for one in read(engine, OutboxMail) if one.subject == reminders.SUBJECT]


def test_each_reminder_goes_out_once_by_notice_and_by_mail(engine, booked, alice, ticks_until):
    start = booked.starts_at.astimezone(BERLIN)
    sent = ticks_until(booked.starts_at - timedelta(hours=80), booked.starts_at + timedelta(hours=1))
    assert [moment.date() for moment in sent] == [start.date() - timedelta(days=days) for days in (3, 1)]
    assert {(row.touch_hours, row.client_id) for row in read(engine, ReminderSent)} == {(72, alice.id), (24, alice.id)}
    told = [one for one in read(engine, Notice) if one.key.startswith("calendars.reminder")]
    assert [one.href for one in told] == [f"/appointments/{booked.id}"] * 2
    assert len(reminders_by_mail(engine)) == 2


def test_the_mail_says_nothing_but_that_there_is_one(engine, booked, ticks_until):
    ticks_until(booked.starts_at - timedelta(hours=24), booked.starts_at - timedelta(hours=23))
    (mail,) = reminders_by_mail(engine)
    for word in ("consultation", "Bob", "scalp", "needling", str(booked.starts_at.year)):
        assert word.lower() not in f"{mail.subject} {mail.text}".lower()
    assert mail.link_path == f"/appointments/{booked.id}"


def test_the_tick_never_moves_an_appointment(engine, booked, ticks_until):
    ticks_until(booked.starts_at - timedelta(hours=73), booked.starts_at - timedelta(hours=71))
    after = read(engine, Appointment)[0]
    assert (after.starts_at, after.revision) == (booked.starts_at, booked.revision)


@pytest.mark.parametrize("what", ["cancelled", "on hold"])
def test_what_does_not_stand_is_not_reminded_of(engine, booked, bob, ticks_until, what):
    with transaction(engine) as db:
        one = db.get_one(Appointment, booked.id)
        if what == "cancelled":
            bookings.cancel(db, bob, one, "Bob is ill")
        else:
            one.on_hold_since, one.on_hold_until = clock.now(), booked.starts_at
    assert ticks_until(booked.starts_at - timedelta(hours=80), booked.starts_at) == []


def test_a_moved_appointment_is_reminded_of_anew_and_only_at_its_new_time(engine, booked, bob, ticks_until):
    assert len(ticks_until(booked.starts_at - timedelta(hours=73), booked.starts_at - timedelta(hours=71))) == 1
    with clock.travelled(booked.starts_at - timedelta(hours=70) - clock.now()), transaction(engine) as db:
        later = at_clinic(db, booked.starts_at.date() + timedelta(days=5), 10)
        moved = bookings.move(db, bob, db.get_one(Appointment, booked.id), later, bob.id, "Bob is away")
    sent = ticks_until(booked.starts_at - timedelta(hours=70), moved.starts_at)
    assert [moment.date() for moment in sent] == [moved.starts_at.date() - timedelta(days=days) for days in (3, 1)]


def test_another_practitioner_at_the_same_time_is_no_new_time(engine, booked, erin, bob, ticks_until):
    with clock.travelled(booked.starts_at - timedelta(hours=30) - clock.now()), transaction(engine) as db:
        bookings.move(db, bob, db.get_one(Appointment, booked.id), booked.starts_at, erin.id, "Bob is ill")
    sent = ticks_until(booked.starts_at - timedelta(hours=29), booked.starts_at)
    assert len(sent) == 1


def test_who_books_within_a_day_is_not_reminded(engine, at_work, alice, bob, ticks_until):
    with transaction(engine) as db:
        soon = a_consultation(db, alice, bob, in_days=2, hour=10, actor=bob)
        soon.booked_at = soon.starts_at - timedelta(hours=23)
    assert ticks_until(soon.starts_at - timedelta(hours=23), soon.starts_at) == []


def test_nobody_is_written_to_in_quiet_hours(engine, booked, ticks_until):
    with transaction(engine) as db:
        policy = clinic.stored_policy(db)
        policy.quiet_from, policy.quiet_until = time(9), time(14)
    sent = ticks_until(booked.starts_at - timedelta(hours=25), booked.starts_at)
    assert sent
    assert all(not 9 <= moment.hour < 14 for moment in sent)


def test_two_workers_send_one_reminder(engine, booked):
    at = booked.starts_at - timedelta(hours=24)
    local = at.astimezone(BERLIN)
    at = datetime.combine(local.date(), time(10, 5), BERLIN)
    with clock.travelled(at - clock.now()):
        for _ in range(2):
            with transaction(engine) as db:
                reminders.remind(db)
    assert len(reminders_by_mail(engine)) == 1


def test_a_tick_with_nothing_to_do_asks_little(engine, booked):
    statements = []
    sa.event.listen(engine, "before_cursor_execute", lambda *what: statements.append(what[2]))
    with clock.travelled(booked.starts_at - timedelta(hours=100) - clock.now()), transaction(engine) as db:
        reminders.remind(db)
    assert len([one for one in statements if one.startswith("SELECT")]) <= 4, statements
