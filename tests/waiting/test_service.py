from datetime import timedelta
from uuid import uuid4

import pytest
from sqlmodel import select

from portal.bookings import service as appointments
from portal.bookings.models import SlotHold, TimeTaken
from portal.kit import clock
from portal.kit.errors import NotFound, Refused
from portal.kit.jobs import Job
from portal.kit.mail import OutboxMail
from portal.notifications.models import Notice
from portal.waiting import entries, queries, service
from portal.waiting.models import FreedTime, WaitingEntry
from portal.waiting.rules import EndReason, OfferState
from tests.make_waiting import (
    GRACE,
    a_freed_time,
    all_steps,
    at,
    booked,
    day,
    offers,
    open_offers,
    policy,
    wait_in_turn,
    waits,
)
from tests.waiting.conftest import lasting, tonight


def test_who_has_waited_longest_is_asked_first_and_one_at_a_time(db, alice, charlie, bob, dora, consultation):
    wait_in_turn(db, [charlie, alice], consultation)
    a_freed_time(db, dora, bob, consultation)
    with clock.travelled(GRACE):
        all_steps(db)
        all_steps(db)
    (offer,) = offers(db)
    assert (offer.client_id, offer.practitioner_id, offer.starts_at) == (charlie.id, bob.id, at(db, 3, 10))
    assert timedelta(minutes=119) < offer.answer_by - offer.offered_at <= timedelta(minutes=120)


def test_the_time_is_kept_for_whoever_is_asked(db, alice, charlie, bob, dora, consultation):
    waits(db, alice, consultation)
    a_freed_time(db, dora, bob, consultation)
    with clock.travelled(GRACE):
        all_steps(db)
        with pytest.raises(Refused, match="no longer free"):
            booked(db, charlie, bob, consultation)


def test_a_no_goes_on_to_the_next_at_once(db, alice, charlie, bob, dora, consultation):
    wait_in_turn(db, [charlie, alice], consultation)
    a_freed_time(db, dora, bob, consultation)
    with clock.travelled(GRACE):
        all_steps(db)
        service.decline(db, charlie, offers(db)[0])
        service.decline(db, charlie, offers(db)[0])
        assert db.exec(select(Job).where(Job.kind == service.OFFER)).one()
        all_steps(db)
    assert [(one.client_id, one.state) for one in offers(db)] == [
        (charlie.id, OfferState.DECLINED),
        (alice.id, OfferState.OPEN),
    ]
    assert db.exec(select(SlotHold)).one().client_id == alice.id


def test_no_answer_goes_on_to_the_next_and_whoever_was_silent_stays_on_the_list(
    db, alice, charlie, bob, dora, consultation
):
    wait_in_turn(db, [charlie, alice], consultation)
    a_freed_time(db, dora, bob, consultation)
    with clock.travelled(GRACE):
        all_steps(db)
    with clock.travelled(GRACE + timedelta(minutes=119)):
        all_steps(db)
        assert [one.client_id for one in open_offers(db)] == [charlie.id]
    with clock.travelled(GRACE + timedelta(minutes=121)):
        all_steps(db)
        assert [one.client_id for one in open_offers(db)] == [alice.id]
        with pytest.raises(Refused, match="gone on to the next person"):
            service.accept(db, charlie, offers(db)[0])
        with pytest.raises(Refused, match="gone on to the next person"):
            service.decline(db, charlie, offers(db)[0])
    assert queries.entries(db, charlie, charlie.id)
    notice = db.exec(select(Notice).where(Notice.person_id == charlie.id, Notice.text.contains("gone on"))).one()
    assert "stay on the waiting list" in notice.text


def test_a_yes_after_the_time_to_answer_is_late_even_before_anybody_noticed(db, alice, bob, dora, consultation):
    waits(db, alice, consultation)
    a_freed_time(db, dora, bob, consultation)
    with clock.travelled(GRACE):
        all_steps(db)
    with clock.travelled(GRACE + timedelta(minutes=120)), pytest.raises(Refused, match="gone on to the next person"):
        service.accept(db, alice, offers(db)[0])


def test_a_yes_books_ends_the_waiting_and_twice_is_once(db, alice, bob, dora, consultation):
    waits(db, alice, consultation)
    a_freed_time(db, dora, bob, consultation)
    with clock.travelled(GRACE):
        all_steps(db)
        made = service.accept(db, alice, offers(db)[0])
        again = service.accept(db, alice, offers(db)[0])
        all_steps(db)
    assert made.id == again.id
    assert (made.client_id, made.starts_at, made.practitioner_id) == (alice.id, at(db, 3, 10), bob.id)
    assert [one.state for one in offers(db)] == [OfferState.ACCEPTED]
    assert db.exec(select(WaitingEntry)).one().end_reason is EndReason.TAKEN
    assert not db.exec(select(SlotHold)).all()
    assert {row.owner_id for row in db.exec(select(TimeTaken))} == {made.id}


def test_somebody_elses_offer_is_not_there(db, alice, charlie, bob, dora, consultation):
    waits(db, alice, consultation)
    a_freed_time(db, dora, bob, consultation)
    with clock.travelled(GRACE):
        all_steps(db)
    with pytest.raises(NotFound):
        queries.offer(db, charlie, offers(db)[0].id)
    with pytest.raises(NotFound):
        queries.entry(db, charlie, offers(db)[0].entry_id)
    with pytest.raises(NotFound):
        queries.offer(db, alice, uuid4())


def test_nothing_is_offered_while_the_grace_lasts(db, alice, bob, dora, consultation):
    waits(db, alice, consultation)
    a_freed_time(db, dora, bob, consultation)
    with lasting(4):
        all_steps(db)
        assert not offers(db)
    with lasting(6):
        all_steps(db)
        assert len(offers(db)) == 1


def test_a_time_that_is_taken_again_within_the_grace_disturbs_nobody(db, alice, charlie, bob, dora, consultation):
    waits(db, alice, consultation)
    time = a_freed_time(db, dora, bob, consultation)
    booked(db, charlie, bob, consultation)
    with clock.travelled(GRACE):
        all_steps(db)
    assert not offers(db)
    assert time.done_at
    assert not db.exec(select(Notice).where(Notice.person_id == alice.id)).all()


def test_an_appointment_dragged_by_the_team_offers_the_time_it_left(db, alice, bob, dora, consultation):
    waits(db, alice, consultation)
    appointment = booked(db, dora, bob, consultation)
    appointments.move(db, bob, appointment, at(db, 3, 14), bob.id, "Moved")
    with clock.travelled(GRACE):
        all_steps(db)
    assert [one.starts_at for one in offers(db)] == [at(db, 3, 10)]


def test_nothing_is_written_while_nobody_waits(db, bob, dora, consultation):
    appointments.cancel(db, bob, booked(db, dora, bob, consultation), "Ill")
    assert not db.exec(select(FreedTime)).all()


def test_only_whom_it_suits_is_asked(db, alice, charlie, bob, erin, dora, eve, consultation):
    weekday = day(db, 3).weekday()
    wait_in_turn(db, [alice], consultation, practitioners=[erin.id])
    wait_in_turn(db, [charlie], consultation, cells=[f"{weekday}:afternoon"])
    wait_in_turn(db, [eve], consultation, cells=[f"{weekday}:morning"], not_after=day(db, 3))
    a_freed_time(db, dora, bob, consultation)
    with clock.travelled(GRACE):
        all_steps(db)
    assert [one.client_id for one in offers(db)] == [eve.id]


def test_nobody_is_asked_twice_about_one_time(db, alice, bob, dora, consultation):
    waits(db, alice, consultation)
    time = a_freed_time(db, dora, bob, consultation)
    with clock.travelled(GRACE):
        all_steps(db)
        service.decline(db, alice, offers(db)[0])
        all_steps(db)
        assert time.done_at
        again = a_freed_time(db, dora, bob, consultation)
    with clock.travelled(3 * GRACE):
        all_steps(db)
    assert again.id != time.id
    assert len(offers(db)) == 1


def test_nobody_is_offered_what_they_gave_up(db, alice, bob, consultation):
    waits(db, alice, consultation)
    a_freed_time(db, alice, bob, consultation)
    with clock.travelled(GRACE):
        all_steps(db)
    assert not offers(db)


def test_nobody_is_asked_about_two_times_at_once(db, alice, bob, erin, dora, eve, consultation):
    waits(db, alice, consultation)
    a_freed_time(db, dora, bob, consultation)
    a_freed_time(db, eve, erin, consultation, hour=12)
    with clock.travelled(GRACE):
        all_steps(db)
    assert len(offers(db)) == 1


def test_nobody_is_written_to_in_the_quiet_hours(db, alice, bob, dora, consultation):
    waits(db, alice, consultation)
    with clock.travelled(tonight(db, 20, 56)):
        a_freed_time(db, dora, bob, consultation)
    with clock.travelled(tonight(db, 21, 5)):
        all_steps(db)
        entries.tick(db)
        assert not offers(db)
        assert not db.exec(select(Job).where(Job.kind == service.OFFER)).all()
    with clock.travelled(tonight(db, 8) + timedelta(days=1)):
        entries.tick(db)
        assert db.exec(select(Job).where(Job.kind == service.OFFER)).one()
        all_steps(db)
    assert offers(db)[0].answer_by == at(db, 1, 10)


def test_a_time_too_near_to_be_answered_in_is_offered_to_nobody(db, alice, bob, dora, consultation):
    waits(db, alice, consultation)
    time = a_freed_time(db, dora, bob, consultation, in_days=0, hour=13)
    with lasting(50):
        all_steps(db)
    assert not offers(db)
    assert time.done_at


def test_the_email_says_nothing_of_health_or_of_the_time(db, alice, bob, dora, consultation):
    waits(db, alice, consultation)
    a_freed_time(db, dora, bob, consultation)
    with clock.travelled(GRACE):
        all_steps(db)
    letters = [one for one in db.exec(select(OutboxMail)) if one.to == alice.email]
    assert len(letters) == 1
    assert "consultation" not in repr(letters[0]).lower()
    assert f"{at(db, 3, 10):%H:%M}" not in letters[0].text


def test_the_grace_and_the_time_to_answer_are_the_clinics(db, alice, bob, dora, consultation):
    policy(db, waiting_grace_minutes=0, waiting_answer_minutes=45)
    waits(db, alice, consultation)
    a_freed_time(db, dora, bob, consultation)
    all_steps(db)
    (offer,) = offers(db)
    assert timedelta(minutes=44) < offer.answer_by - offer.offered_at <= timedelta(minutes=45)
