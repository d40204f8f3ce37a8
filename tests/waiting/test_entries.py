from datetime import timedelta

import pytest
from sqlmodel import select

from portal.accounts.models import Person
from portal.kit import clock
from portal.kit.errors import NotFound
from portal.notifications.models import Notice
from portal.waiting import entries, queries
from portal.waiting.rules import EndReason, OfferState
from tests.make_waiting import (
    GRACE,
    a_freed_time,
    all_steps,
    an_open_gate,
    booked,
    day,
    offers,
    wait_in_turn,
    waits,
)
from tests.waiting.conftest import lasting


def test_leaving_takes_the_offer_back_and_the_next_is_asked(db, alice, charlie, bob, dora, consultation):
    wait_in_turn(db, [charlie, alice], consultation)
    a_freed_time(db, dora, bob, consultation)
    with clock.travelled(GRACE):
        all_steps(db)
        entry = queries.entry(db, charlie, offers(db)[0].entry_id)
        entries.leave(db, charlie, entry)
        entries.leave(db, charlie, entry)
        all_steps(db)
    assert [(one.client_id, one.state) for one in offers(db)] == [
        (charlie.id, OfferState.WITHDRAWN),
        (alice.id, OfferState.OPEN),
    ]
    assert entry.end_reason is EndReason.LEFT


def test_joining_twice_changes_the_wishes_and_keeps_the_place(db, alice, consultation):
    first = waits(db, alice, consultation, cells=["0:morning"])
    made_at = first.made_at
    with lasting(60):
        second = waits(db, alice, consultation, cells=["1:evening", "0:morning", "1:evening"])
    assert (second.id, second.made_at, second.grid) == (first.id, made_at, ["0:morning", "1:evening"])


def test_anyone_may_wait_while_the_gate_is_shut(db, alice, needling):
    assert waits(db, alice, needling).is_living


def test_somebody_elses_appointment_is_not_mine_to_give_back(db, alice, charlie, bob, needling):
    an_open_gate(db, bob, charlie)
    theirs = booked(db, charlie, bob, needling)
    assert waits(db, alice, needling, swap=theirs.id).swaps_appointment_id is None


def test_the_team_puts_somebody_on_the_list_and_takes_them_off_with_a_word(db, alice, bob, dana, consultation):
    entry = waits(db, alice, consultation, actor=bob)
    with pytest.raises(NotFound):
        waits(db, alice, consultation, actor=dana)
    entries.leave(db, bob, entry)
    assert entry.end_reason is EndReason.REMOVED
    assert db.exec(select(Notice).where(Notice.person_id == alice.id)).one().text.startswith("The clinic has taken you")


def test_waiting_ends_by_itself(db, alice, charlie, bob, erin, dora, eve, consultation):
    until = waits(db, alice, consultation, not_after=day(db, 1))
    elsewhere = waits(db, charlie, consultation, practitioners=[bob.id])
    closed = waits(db, dora, consultation)
    with lasting(1):
        booked(db, charlie, bob, consultation)
        booked(db, eve, erin, consultation, hour=12)
        db.get_one(Person, dora.id).is_active = False
        entries.tick(db)
        assert (until.end_reason, elsewhere.end_reason, closed.end_reason) == (None, EndReason.BOOKED, EndReason.CLOSED)
    with clock.travelled(timedelta(days=2)):
        entries.tick(db)
    assert until.end_reason is EndReason.OVER
