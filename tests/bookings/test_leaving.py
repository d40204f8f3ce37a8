"""A practitioner leaves while appointments are booked with them; one failure keeps nobody else from their turn."""

import pytest
from sqlmodel import select

from portal.accounts import service as accounts
from portal.bookings import gatekeeping
from portal.kit import jobs
from portal.notifications.models import Notice
from tests.bookings.shutting import told
from tests.make_bookings import a_consultation


def notices(db, person):
    return db.exec(select(Notice).where(Notice.person_id == person.id)).all()


def test_the_others_learn_that_somebody_elses_appointments_need_them(db, alice, bob, erin, dana, consultation):
    a_consultation(db, alice, bob)
    accounts.set_active(db, dana, bob.id, active=False)
    found = [row.text for row in notices(db, erin) if "no longer works here" in row.text]
    assert found == [f"{bob.name} no longer works here, and 1 appointment with {bob.name} must be moved or cancelled."]
    assert not told(db, bob, "no longer works here")


def test_nobody_is_told_where_nothing_is_booked(db, bob, erin, dana, consultation):
    accounts.set_active(db, dana, bob.id, active=False)
    assert not [row for row in notices(db, erin) if "no longer" in row.text]


def test_one_that_fails_keeps_no_other_from_its_turn():
    done = []

    def act(number):
        if number == 2:
            raise ValueError(number)
        done.append(number)

    with pytest.raises(ValueError, match="2"):
        jobs.each([1, 2, 3], act)
    assert done == [1, 3]
    assert gatekeeping.RECHECK
