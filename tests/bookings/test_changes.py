"""Moving and giving up: inside the clinic's windows alone, outside by asking; what is late or missed is recorded."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlmodel import select

from portal.audit.models import AuditEntry
from portal.bookings import gatekeeping, queries, service
from portal.bookings.models import ChangeRequest
from portal.bookings.rules import State, Wish
from portal.clinic import queries as clinic
from portal.kit import clock
from portal.kit.db import transaction
from portal.kit.errors import NotFound, Refused
from portal.notifications.models import Notice
from portal.suitability import service as suitability
from portal.suitability.rules import HoldKind
from tests.make_bookings import a_consultation, a_slot, a_treatment_session

HOUR = timedelta(hours=1)


def set_policy(db, **changes):
    clinic.stored_policy(db).sqlmodel_update(changes)
    db.flush()


@pytest.fixture
def booked(db, alice, bob, consultation):
    """A consultation in three days; moved up to 48 hours, cancelled up to 6 hours before, at a price when late."""
    set_policy(
        db, move_until_hours=48, cancel_until_hours=6, most_moves=2, late_cancel_fee_cents=3000, no_show_fee_cents=5000
    )
    return a_consultation(db, alice, bob)


def before(booked, hours):
    """So many hours before it begins, for `later`."""
    return booked.starts_at - clock.now() - hours * HOUR


def told(db, person, word):
    return [row.text for row in db.exec(select(Notice).where(Notice.person_id == person.id)) if word in row.text]


def ask(db, alice, booked, wish=Wish.MOVE, reason="A meeting"):
    return gatekeeping.ask_for_change(db, alice, booked, wish, reason)


# ---- windows ----


@pytest.mark.parametrize("hours, may_move, may_cancel", [(49, True, True), (47, False, True), (5, False, False)])
def test_moving_and_cancelling_end_at_their_own_hours(
    db, alice, bob, booked, consultation, later, hours, may_move, may_cancel
):
    slot = a_slot(db, alice, consultation, bob, in_days=8)
    with later(before(booked, hours)):
        if not may_move:
            with pytest.raises(Refused, match="less than 48 hours") as refusal:
                service.move(db, alice, booked, slot.starts_at, bob.id, "A meeting")
            assert refusal.value.way_out[1] == f"/appointments/{booked.id}"
        if not may_cancel:
            with pytest.raises(Refused, match="less than 6 hours"):
                service.cancel(db, alice, booked, "Ill")
        assert booked.is_booked
        if may_move:
            service.move(db, alice, booked, slot.starts_at, bob.id, "A meeting")
            assert booked.starts_at == slot.starts_at
        if may_cancel:
            service.cancel(db, alice, booked, "Ill")
            assert (booked.state, booked.is_late_cancel, booked.fee_cents) == (State.CANCELLED, False, 0)


def test_the_number_of_moves_is_the_clinics(db, alice, bob, booked, consultation):
    for days in (5, 6):
        slot = a_slot(db, alice, consultation, bob, in_days=days)
        service.move(db, alice, booked, slot.starts_at, bob.id, "A meeting")
    slot = a_slot(db, alice, consultation, bob, in_days=7)
    with pytest.raises(Refused, match="2 times already"):
        service.move(db, alice, booked, slot.starts_at, bob.id, "A meeting")
    service.move(db, bob, booked, slot.starts_at, bob.id, "She asked by telephone")
    assert (booked.moves, booked.revision) == (2, 3)


def test_the_team_is_free_of_the_windows_until_it_begins(db, alice, bob, booked, consultation, later):
    with later(before(booked, 1)):
        slot = a_slot(db, bob, consultation, bob, in_days=0, hour=booked.starts_at.hour + 4)
        service.move(db, bob, booked, slot.starts_at, bob.id, "Bob is late")
    with later(before(booked, 1)):
        service.cancel(db, bob, booked, "Bob is ill")
    assert booked.state is State.CANCELLED


def test_the_team_is_free_of_the_windows_and_not_of_the_gate(db, alice, bob, suitable, needling, later):
    treated = a_treatment_session(db, alice, bob)
    suitability.place_hold(db, bob, alice.id, HoldKind.PRACTITIONER, "Let us look first.")
    with later(before(treated, 2)):
        slot = a_slot(db, bob, needling, bob, in_days=3)
        with pytest.raises(Refused, match="paused"):
            service.move(db, bob, treated, slot.starts_at, bob.id, "Bob is late")


def test_how_many_may_be_open_is_the_clinics(db, alice, bob, suitable, booked):
    set_policy(db, most_open=1)
    with pytest.raises(Refused, match=r"1 open appointments.*call us"):
        a_treatment_session(db, alice, bob, in_days=5)
    assert a_treatment_session(db, alice, bob, in_days=5, actor=bob).is_booked


# ---- asking ----


def test_a_wish_is_told_to_every_practitioner_and_asked_once(db, alice, bob, erin, booked, later):
    with later(before(booked, 3)):
        first = ask(db, alice, booked)
        again = ask(db, alice, booked, Wish.CANCEL, "Something else")
        assert again.id == first.id
        assert (first.wish, first.reason, first.answered_at) == (Wish.MOVE, "A meeting", None)
        for person in (bob, erin):
            assert len(told(db, person, "asks to change")) == 1
        assert booked.is_booked, "it stands until it is answered"
        assert queries.open_requests(db, bob) == [first]


def test_a_wish_is_answered_once_and_may_then_be_made_again(db, alice, bob, erin, booked):
    first = ask(db, alice, booked)
    gatekeeping.answer_request(db, bob, booked, "We have no other time.")
    assert (first.answer, first.answered_by_id) == ("We have no other time.", bob.id)
    assert len(told(db, alice, "has answered what you asked")) == 1
    assert "no other time" not in told(db, alice, "has answered")[0]
    with pytest.raises(Refused, match="no open request"):
        gatekeeping.answer_request(db, erin, booked, "Me too.")
    assert ask(db, alice, booked, reason="It is important").id != first.id


@pytest.mark.parametrize("what", ["move", "cancel"])
def test_doing_it_answers_it(db, alice, bob, erin, booked, consultation, what):
    row = ask(db, alice, booked, Wish(what))
    if what == "move":
        slot = a_slot(db, bob, consultation, bob, in_days=6)
        service.move(db, erin, booked, slot.starts_at, bob.id, "As you wished")
    else:
        service.cancel(db, erin, booked, "As you wished")
    assert (row.answered_by_id, row.answer) == (erin.id, "")
    assert not queries.open_requests(db, bob)


def test_what_the_client_does_alone_after_all_ends_the_wish(db, alice, bob, booked, consultation):
    row = ask(db, alice, booked)
    slot = a_slot(db, alice, consultation, bob, in_days=6)
    service.move(db, alice, booked, slot.starts_at, bob.id, "It fits now")
    assert row.answered_at
    assert row.answered_by_id == alice.id


@pytest.mark.parametrize("what", ["cancelled", "begun"])
def test_what_is_over_is_not_asked_about(db, alice, bob, booked, later, what):
    if what == "cancelled":
        service.cancel(db, alice, booked, "Ill")
    hours = -1 if what == "begun" else 30
    with later(before(booked, hours)), pytest.raises(Refused, match="can no longer be changed"):
        ask(db, alice, booked)


def test_strangers_and_admins_see_no_wish(db, alice, bob, charlie, dana, booked):
    ask(db, alice, booked)
    assert queries.request_of(db, alice, booked.id).reason == "A meeting"
    for stranger in (charlie, dana):
        with pytest.raises(NotFound):
            queries.requests_of(db, stranger, booked.id)
    for viewer in (alice, charlie, dana):
        assert not queries.open_requests(db, viewer)


def test_the_database_keeps_one_open_wish(db, alice, booked):
    row = ask(db, alice, booked)
    db.add(ChangeRequest(**row.model_dump(exclude={"id"})))
    with pytest.raises(sa.exc.IntegrityError):
        db.flush()


# ---- late, missed, waived ----


def test_given_up_late_at_the_clients_wish_the_clinics_amount_is_recorded(db, alice, bob, booked, later):
    with later(before(booked, 5)):
        service.cancel(db, bob, booked, "Asked by telephone", at_clients_wish=True)
    assert (booked.is_late_cancel, booked.fee_cents) == (True, 3000)


def test_given_up_late_by_the_clinic_nothing_is_asked(db, alice, bob, booked, later):
    with later(before(booked, 5)):
        service.cancel(db, bob, booked, "Bob is ill")
    assert (booked.is_late_cancel, booked.fee_cents) == (False, 0)


def test_given_up_in_time_at_the_clients_wish_nothing_is_asked(db, alice, bob, booked, later):
    with later(before(booked, 7)):
        service.cancel(db, bob, booked, "Asked by telephone", at_clients_wish=True)
    assert (booked.is_late_cancel, booked.fee_cents) == (False, 0)


def test_what_was_missed_has_its_amount_until_it_turns_out_otherwise(db, alice, bob, booked, later):
    with later(before(booked, -1)):
        service.no_show(db, bob, booked)
        assert (booked.state, booked.fee_cents) == (State.NO_SHOW, 5000)
        service.attend(db, bob, booked)
        assert (booked.state, booked.fee_cents) == (State.ATTENDED, 0)


def test_an_amount_can_be_waived_and_that_is_in_the_audit(db, alice, bob, booked, later):
    with later(before(booked, -1)):
        service.no_show(db, bob, booked)
        service.waive_fee(db, bob, booked)
    assert (booked.state, booked.fee_cents) == (State.NO_SHOW, 0)
    entry = db.exec(select(AuditEntry).where(AuditEntry.action == "bookings.fee_waived")).one()
    assert (entry.actor_id, entry.client_id) == (bob.id, alice.id)


# ---- the pages ----


@pytest.fixture
def late(engine, alice, bob, consultation):
    """Stored, so that browsers see it: three days ahead, at the clinic's prices."""
    with transaction(engine) as db:
        set_policy(db, late_cancel_fee_cents=3000, no_show_fee_cents=5000)
        return a_consultation(db, alice, bob)


def test_asking_and_answering_on_the_page(signed_in, alice, bob, engine, late, later):
    path = f"/appointments/{late.id}"
    with later(before(late, 5)):
        alice_browser, bob_browser = signed_in(alice), signed_in(bob)
        page = alice_browser.get(path).text
        assert "Ask us to move or cancel it" in page
        assert "For a late cancellation the clinic asks EUR 30.00." in page
        empty = alice_browser.post(f"{path}/ask", data={})
        assert empty.status_code == 422
        assert 'id="e-wish"' in empty.text
        assert alice_browser.post(f"{path}/ask", data={"wish": "cancel", "reason": "I am ill"}).status_code == 303
        asked = alice_browser.get(path).text
        assert "Asked: to cancel this appointment" in asked
        assert "The appointment stands until we answer." in asked
        assert "Ask us to move or cancel it" not in asked
        assert "I am ill" in bob_browser.get(path).text
        assert bob_browser.post(f"{path}/answer", data={"answer": " "}).status_code == 422
        assert bob_browser.post(f"{path}/answer", data={"answer": "Please come."}).status_code == 303
        assert bob_browser.post(f"{path}/answer", data={"answer": "Please come."}).status_code == 409
        assert "Please come." in alice_browser.get(path).text


def test_granting_it_records_the_late_cancellation_and_it_can_be_waived(signed_in, alice, bob, engine, late, later):
    path = f"/appointments/{late.id}"
    with later(before(late, 5)):
        alice_browser, bob_browser = signed_in(alice), signed_in(bob)
        alice_browser.post(f"{path}/ask", data={"wish": "cancel", "reason": "I am ill"})
        fields = {"reason": "As she wished", "at_clients_wish": "yes"}
        assert bob_browser.post(f"{path}/cancel", data=fields).status_code == 303
        assert "for a late cancellation" in alice_browser.get(path).text
        assert "Ask nothing for it" not in alice_browser.get(path).text
        assert "Ask nothing for it" in bob_browser.get(path).text
        assert bob_browser.post(f"{path}/waive").status_code == 303
        assert "for a late cancellation" not in alice_browser.get(path).text
    with transaction(engine, write=False) as db:
        kept = queries.appointment(db, bob, late.id)
        assert (kept.is_late_cancel, kept.fee_cents) == (True, 0)
        assert db.exec(select(ChangeRequest)).one().answered_by_id == bob.id


def test_a_client_cannot_say_that_the_clinic_wished_it_nor_waive(signed_in, alice, engine, bob, late, later):
    path = f"/appointments/{late.id}"
    with later(before(late, 5)):
        alice_browser = signed_in(alice)
        assert alice_browser.post(f"{path}/cancel", data={"reason": "Ill", "at_clients_wish": ""}).status_code == 409
        assert alice_browser.post(f"{path}/waive").status_code == 403
    with transaction(engine, write=False) as db:
        assert queries.appointment(db, bob, late.id).is_booked
