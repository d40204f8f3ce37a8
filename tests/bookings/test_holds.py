"""A time is kept for some minutes while somebody confirms it, and frees itself."""

import re
from datetime import timedelta

import pytest
from sqlmodel import select

from portal.bookings import queries, service
from portal.bookings.models import SlotHold, TimeTaken
from portal.bookings.rules import HoldFor
from portal.clinic import queries as clinic
from portal.kit import clock
from portal.kit.db import transaction
from portal.kit.errors import NotFound, Refused
from portal.suitability import service as suitability
from portal.suitability.rules import HoldKind
from tests.make_availability import a_room
from tests.make_bookings import a_consultation, a_slot, a_treatment_session

MINUTE = timedelta(minutes=1)


@pytest.fixture
def slot(db, alice, bob, consultation):
    return a_slot(db, alice, consultation, bob)


def keep(db, who, treatment, slot, **how):
    return service.hold(db, who, who.id, treatment, slot.practitioner_id, slot.starts_at, **how)


def book(db, who, treatment, slot, hold_id=None):
    return service.book(db, who, who.id, treatment, slot.practitioner_id, slot.starts_at, hold_id)


def is_free(db, who, treatment, slot):
    day = slot.starts_at.date()
    found = queries.slots(db, who, treatment, day, 1, slot.practitioner_id, who.id)
    return slot.starts_at in [one.starts_at for one in found[0].slots]


def test_a_time_is_kept_for_the_minutes_the_clinic_says_and_frees_itself(db, alice, charlie, consultation, slot, later):
    clinic.stored_policy(db).slot_hold_minutes = 4
    db.flush()
    kept = keep(db, alice, consultation, slot)
    assert kept.expires_at - kept.made_at == pytest.approx(4 * MINUTE, abs=timedelta(seconds=1))
    with later(3 * MINUTE):
        assert not is_free(db, charlie, consultation, slot)
        with pytest.raises(Refused, match="no longer free"):
            book(db, charlie, consultation, slot)
        with pytest.raises(Refused, match="no longer free"):
            keep(db, charlie, consultation, slot)
    with later(5 * MINUTE):
        assert is_free(db, charlie, consultation, slot)
        assert book(db, charlie, consultation, slot).is_booked


def test_a_time_that_lapsed_can_be_kept_by_the_next_one(db, alice, charlie, consultation, slot, later):
    keep(db, alice, consultation, slot)
    with later(11 * MINUTE):
        assert keep(db, charlie, consultation, slot).client_id == charlie.id
        assert not is_free(db, alice, consultation, slot)


def test_ones_own_time_shows_free_to_oneself_and_to_nobody_else(db, alice, charlie, bob, consultation, slot):
    keep(db, alice, consultation, slot)
    assert is_free(db, alice, consultation, slot)
    assert not is_free(db, charlie, consultation, slot)
    found = queries.slots(db, bob, consultation, slot.starts_at.date(), 1, bob.id)
    assert slot.starts_at not in [one.starts_at for one in found[0].slots], "nor to the team"


def test_who_holds_a_time_books_it(db, alice, consultation, slot):
    kept = keep(db, alice, consultation, slot)
    booked = book(db, alice, consultation, slot, kept.id)
    assert booked.starts_at == slot.starts_at
    assert db.get(SlotHold, kept.id) is None
    assert {row.owner_id for row in db.exec(select(TimeTaken))} == {booked.id}


def test_a_time_is_booked_for_whoever_holds_it_even_when_nobody_names_the_hold(db, alice, bob, consultation, slot):
    keep(db, alice, consultation, slot)
    assert service.book(db, bob, alice.id, consultation, bob.id, slot.starts_at).is_booked
    assert not db.exec(select(SlotHold)).all()


def test_a_time_beside_ones_own_hold_can_be_booked_instead(db, alice, consultation, slot):
    keep(db, alice, consultation, slot)
    beside = slot.starts_at + timedelta(minutes=15)
    booked = service.book(db, alice, alice.id, consultation, slot.practitioner_id, beside)
    assert booked.starts_at == beside
    assert {row.owner_id for row in db.exec(select(TimeTaken))} == {booked.id}


def test_an_appointment_moves_to_a_time_that_is_held_for_the_same_client(db, alice, bob, consultation, suitable):
    booked = a_treatment_session(db, alice, bob)
    slot = a_slot(db, alice, consultation, bob, in_days=5)
    keep(db, alice, consultation, slot)
    service.move(db, alice, booked, slot.starts_at, bob.id, "A meeting")
    assert booked.starts_at == slot.starts_at


def test_who_confirms_holds_one_time_at_once(db, alice, charlie, bob, consultation, slot):
    first = keep(db, alice, consultation, slot)
    other = a_slot(db, alice, consultation, bob, in_days=4)
    second = keep(db, alice, consultation, other)
    assert [one.id for one in db.exec(select(SlotHold))] == [second.id]
    assert first.id not in {row.owner_id for row in db.exec(select(TimeTaken))}
    assert is_free(db, charlie, consultation, slot)


def test_an_offer_is_kept_beside_what_is_confirmed_and_until_its_own_time(
    db, alice, charlie, bob, consultation, slot, later
):
    until = clock.now() + 120 * MINUTE
    offer = service.hold(db, None, alice.id, consultation, bob.id, slot.starts_at, HoldFor.OFFER, until)
    keep(db, alice, consultation, a_slot(db, alice, consultation, bob, in_days=4))
    assert offer.expires_at == until
    with later(119 * MINUTE):
        assert not is_free(db, charlie, consultation, slot)
    with later(121 * MINUTE):
        assert is_free(db, charlie, consultation, slot)


def test_a_hold_takes_the_room_too(db, alice, charlie, erin, consultation):
    room = a_room(db, consultation)
    slot = a_slot(db, alice, consultation, erin)
    kept = keep(db, alice, consultation, slot)
    assert kept.room_id == room.id
    with pytest.raises(Refused, match="no longer free"):
        service.book(db, charlie, charlie.id, consultation, slot.practitioner_id, slot.starts_at)
    service.release(db, kept.id)
    assert book(db, charlie, consultation, slot).room_id == room.id


def test_releasing_twice_is_releasing_once(db, alice, consultation, slot):
    kept = keep(db, alice, consultation, slot)
    service.release(db, kept.id)
    service.release(db, kept.id)
    assert not db.exec(select(TimeTaken)).all()


def test_a_strangers_hold_is_not_used_up_nor_seen(db, alice, charlie, bob, consultation, slot):
    kept = keep(db, alice, consultation, slot)
    assert queries.own_hold(db, charlie, kept.id) is None
    assert queries.own_hold(db, alice, kept.id) == kept.id
    with pytest.raises(NotFound):
        queries.slot_hold(db, charlie, kept.id)
    assert queries.slot_hold(db, bob, kept.id).id == kept.id
    with pytest.raises(Refused, match="no longer free"):
        book(db, charlie, consultation, slot, kept.id)
    assert db.get(SlotHold, kept.id), "whoever names it, it stays whose it is"
    assert book(db, alice, consultation, slot, kept.id).is_booked


@pytest.mark.parametrize("kind", list(HoldKind))
def test_nothing_is_kept_while_the_gate_is_shut(db, alice, bob, needling, suitable, kind):
    slot = a_slot(db, alice, needling, bob)
    suitability.place_hold(db, bob, alice.id, kind, "Let us look first.")
    with pytest.raises(Refused, match="paused"):
        keep(db, alice, needling, slot)
    with pytest.raises(Refused, match="paused"):
        service.hold(db, None, alice.id, needling, bob.id, slot.starts_at, HoldFor.OFFER, clock.now() + 60 * MINUTE)


def test_the_gate_is_asked_again_when_it_is_confirmed(db, alice, bob, needling, suitable):
    slot = a_slot(db, alice, needling, bob)
    kept = keep(db, alice, needling, slot)
    suitability.place_hold(db, bob, alice.id, HoldKind.PRACTITIONER, "Let us look first.")
    with pytest.raises(Refused, match="paused"):
        book(db, alice, needling, slot, kept.id)


def test_a_client_who_may_book_no_more_cannot_hold_either(db, alice, bob, consultation):
    a_consultation(db, alice, bob)
    with pytest.raises(Refused, match="booked already"):
        keep(db, alice, consultation, a_slot(db, alice, consultation, bob, in_days=5))


# ---- the page that confirms ----


def hidden_on(page):
    found = re.findall(r'<input[^>]*type="hidden"[^>]*name="([^"]+)"[^>]*value="([^"]*)"', page.text)
    return {name: value.replace("&#43;", "+") for name, value in found}


@pytest.fixture
def held(engine, alice, bob, consultation):
    with transaction(engine) as db:
        slot = a_slot(db, alice, consultation, bob)
        return keep(db, alice, consultation, slot)


def test_the_page_says_until_when_it_is_kept_and_books_it(alice_browser, engine, alice, held):
    page = alice_browser.get(f"/appointments/confirm/{held.id}")
    assert "We keep this time for you until" in page.text
    assert "Bob Birch" in page.text
    answer = alice_browser.post("/appointments", data=hidden_on(page))
    assert answer.status_code == 303
    with transaction(engine, write=False) as db:
        (booked,) = queries.appointments(db, alice, alice.id)
        assert booked.starts_at == held.starts_at
        assert answer.headers["location"].startswith(f"/appointments/{booked.id}")
        assert not db.exec(select(SlotHold)).all()


def test_confirming_too_late_still_books_what_is_free(signed_in, alice, engine, held, later):
    with later(20 * MINUTE):
        alice_browser = signed_in(alice)
        page = alice_browser.get(f"/appointments/confirm/{held.id}")
        assert "We no longer keep this time for you" in page.text
        assert alice_browser.post("/appointments", data=hidden_on(page)).status_code == 303
        with transaction(engine, write=False) as db:
            assert [one.starts_at for one in queries.appointments(db, alice, alice.id)] == [held.starts_at]


def test_confirming_too_late_what_is_gone_offers_other_times(
    signed_in, alice, charlie, bob, engine, held, consultation, later
):
    with later(20 * MINUTE):
        with transaction(engine) as db:
            service.book(db, charlie, charlie.id, consultation, bob.id, held.starts_at)
        alice_browser = signed_in(alice)
        data = hidden_on(alice_browser.get(f"/appointments/confirm/{held.id}"))
        answer = alice_browser.post("/appointments", data=data)
        assert answer.status_code == 409
        assert "no longer free" in answer.text
        assert 'name="slot"' in answer.text
        assert data["slot"] not in answer.text.replace("&#43;", "+")
        with transaction(engine, write=False) as db:
            assert not queries.appointments(db, alice, alice.id)


def test_nobody_else_opens_or_uses_the_page(charlie_browser, dana_browser, bob_browser, engine, alice, charlie, held):
    assert charlie_browser.get(f"/appointments/confirm/{held.id}").status_code == 404
    assert dana_browser.get(f"/appointments/confirm/{held.id}").status_code == 403
    assert bob_browser.get(f"/appointments/confirm/{held.id}").status_code == 403
    data = {
        "treatment": "free-consultation",
        "slot": f"{held.starts_at.isoformat()}/{held.practitioner_id}",
        "hold": str(held.id),
    }
    answer = charlie_browser.post("/appointments", data=data)
    assert answer.status_code == 409
    assert "no longer free" in answer.text
    with transaction(engine, write=False) as db:
        assert db.get(SlotHold, held.id), "a stranger does not free it by naming it"
        assert not queries.appointments(db, charlie, charlie.id)


def test_an_unknown_hold_is_no_page_and_no_obstacle(alice_browser, engine, alice, bob, consultation):
    nothing = "00000000-0000-0000-0000-000000000001"
    assert alice_browser.get(f"/appointments/confirm/{nothing}").status_code == 404
    with transaction(engine, write=False) as db:
        slot = a_slot(db, alice, consultation, bob)
    data = {"treatment": "free-consultation", "slot": slot.value, "hold": nothing}
    assert alice_browser.post("/appointments", data=data).status_code == 303
