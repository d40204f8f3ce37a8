"""The clinic's limits for booking: a form with units, mistakes beside their field, and what the table keeps."""

from datetime import time

import pytest

from portal.clinic import queries
from portal.clinic.models import BookingPolicy
from portal.clinic.policy_form import PolicyForm, as_typed
from portal.kit.db import transaction
from portal.kit.forms import checked

PATH = "/admin/booking-policy"


def typed(**changed):
    kept = as_typed(BookingPolicy())
    kept.pop("id")
    return {name: str(value) for name, value in kept.items()} | changed


def test_what_is_shown_first_can_be_saved_unchanged():
    form = checked(PolicyForm, **typed())
    assert form.ok, form.errors
    stored = BookingPolicy(**form.value.values).model_dump(exclude={"id"})
    assert stored == BookingPolicy().model_dump(exclude={"id"})


@pytest.mark.parametrize(
    "text, hours",
    [("72, 24", [72, 24]), ("24,72,2", [72, 24, 2]), ("24 24", [24]), ("", []), (" 48 ", [48])],
)
def test_reminders_are_hours_the_longest_first(text, hours):
    assert checked(PolicyForm, **typed(reminder_hours=text)).value.values["reminder_hours"] == hours


@pytest.mark.parametrize(
    "field, value, sentence",
    [
        ("reminder_hours", "72, soon", "hours with commas"),
        ("reminder_hours", "-3", "hours with commas"),
        ("reminder_hours", "0", "from 1 to 336"),
        ("reminder_hours", "400", "from 1 to 336"),
        ("reminder_hours", "1,2,3,4,5", "At most 4"),
        ("step_minutes", "7", "one of the options"),
        ("notice_hours", "-1", "0 or more"),
        ("notice_hours", "soon", "whole number"),
        ("staff_horizon_days", "30", "as far ahead as clients"),
        ("slot_hold_minutes", "0", "1 or more"),
        ("late_cancel_fee", "-5", "0 or more"),
        ("no_show_fee", "much", "a number"),
        ("hold_from", "never", "one of the options"),
        ("quiet_from", "25:00", "a time"),
        ("most_open", "", "fill this in"),
    ],
)
def test_a_mistake_stands_beside_its_field_and_nothing_is_lost(dana_browser, field, value, sentence):
    page = dana_browser.post(PATH, data=typed(directions="Ring twice.", **{field: value}))
    assert page.status_code == 422
    assert f'id="e-{field}"' in page.text
    assert sentence in page.text
    assert "Ring twice." in page.text


def test_an_admin_sets_the_limits(dana_browser, engine):
    changed = typed(
        step_minutes="30", late_cancel_fee="25.50", quiet_from="20:30", reminder_hours="48", hold_from="urgent"
    )
    assert dana_browser.post(PATH, data=changed).status_code == 303
    with transaction(engine, write=False) as db:
        policy = queries.policy(db)
    assert (policy.step_minutes, policy.late_cancel_fee_cents, policy.hold_from) == (30, 2550, "urgent")
    assert (policy.quiet_from, policy.reminder_hours) == (time(20, 30), [48])
    page = dana_browser.get(PATH).text
    assert 'value="25.50"' in page
    assert "The booking rules are saved" in page


def test_only_an_admin_sets_them(alice_browser, bob_browser, visitor):
    for browser in (alice_browser, bob_browser):
        assert browser.get(PATH).status_code == 403
        assert browser.post(PATH, data=typed()).status_code == 403
    assert visitor.get(PATH).status_code == 303
