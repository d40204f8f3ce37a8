from datetime import timedelta

import pytest
from sqlmodel import Session, select

from portal.audit.models import AuditEntry
from portal.bookings.models import Appointment
from portal.bookings.rules import State
from portal.kit import clock
from portal.kit.db import transaction
from tests.make_records import a_booked_needling, a_signed_record, record_fields


@pytest.fixture
def appointment(engine, alice, bob):
    """Booked, and just begun."""
    with transaction(engine) as db:
        made = a_booked_needling(db, bob, alice, in_days=1)
    with clock.travelled(made.starts_at - clock.now() + timedelta(minutes=30)):
        yield made


@pytest.fixture
def signed(engine, alice, bob):
    with transaction(engine) as db:
        return a_signed_record(db, bob, alice)


@pytest.fixture
def bob_there(appointment, signed_in, bob):
    """Bob's browser, signed in while the appointment goes on."""
    return signed_in(bob)


@pytest.fixture
def path(appointment):
    return f"/appointments/{appointment.id}/record"


def test_a_practitioner_keeps_a_draft_and_finds_it_again(bob_there, path):
    assert "up to 1.5 mm" in bob_there.get(path).text
    assert bob_there.post(path, data=record_fields(aftercare_given="")).status_code == 303
    page = bob_there.get(path).text
    assert 'value="LOT-77"' in page
    assert 'value="1.5"' in page
    assert "Talked about work." in page


def test_a_signature_leads_to_the_record_and_shuts_the_form(bob_there, path, engine, appointment):
    assert bob_there.post(f"{path}/sign", data=record_fields()).status_code == 303
    led_to = bob_there.get(path).headers["location"]
    page = bob_there.get(led_to).text
    assert "Signed by Bob Birch" in page
    assert "Talked about work." in page
    assert bob_there.post(path, data=record_fields(device="Other")).status_code == 409
    with Session(engine) as db:
        assert db.get(Appointment, appointment.id).state is State.ATTENDED


def test_what_is_missing_is_said_beside_each_field_and_nothing_is_written(bob_there, path, engine, appointment):
    page = bob_there.post(f"{path}/sign", data=record_fields(device="", depth_vertex="1.7", aftercare_given=""))
    assert page.status_code == 422
    for words in ('id="e-device"', "The verdict allows up to 1.5 mm.", 'id="e-aftercare_given"', 'value="1.7"'):
        assert words in page.text
    with Session(engine) as db:
        assert db.get(Appointment, appointment.id).state is State.BOOKED


def test_without_any_zone_it_cannot_be_signed(bob_there, path):
    none = {"depth_frontal": "", "passes_frontal": "", "depth_vertex": "", "passes_vertex": ""}
    page = bob_there.post(f"{path}/sign", data=record_fields(**none))
    assert page.status_code == 422
    assert "Please fill in at least one zone." in page.text


@pytest.mark.parametrize("depth", ["0.2", "2.6", "deep", "nan", "inf"])
def test_a_depth_no_needle_has_is_refused(bob_there, path, depth):
    page = bob_there.post(path, data=record_fields(depth_frontal=depth))
    assert page.status_code == 422
    assert 'id="e-depth_frontal"' in page.text


def test_the_client_reads_a_plain_summary(alice_browser, signed):
    page = alice_browser.get(f"/records/{signed.id}").text
    for words in ("Your session", "Front: 0.5 mm, 3 passes", "Lot LOT-77", "Mild redness", "Bob Birch"):
        assert words in page
    assert "Talked about work." not in page
    assert "Add to this record" not in page


def test_an_addendum_carries_its_author(bob_browser, erin, signed_in, signed, engine):
    path = f"/records/{signed.id}/addenda"
    browser = signed_in(erin)
    assert browser.post(path, data={"text": " "}).status_code == 422
    assert browser.post(path, data={"text": "The lot was LOT-78."}).status_code == 303
    page = bob_browser.get(f"/records/{signed.id}").text
    assert "The lot was LOT-78." in page
    assert "Erin Elm" in page


def test_looking_at_a_record_is_recorded_unless_it_is_ones_own(bob_browser, alice_browser, signed, engine):
    alice_browser.get(f"/records/{signed.id}")
    bob_browser.get(f"/records/{signed.id}")
    with Session(engine) as db:
        looks = db.exec(select(AuditEntry).where(AuditEntry.action == "records.seen")).all()
    assert [look.actor_name for look in looks] == ["Bob Birch"]


def test_a_stranger_cannot_tell_that_it_exists(charlie_browser, dana_browser, signed):
    for browser in (charlie_browser, dana_browser):
        assert browser.get(f"/records/{signed.id}").status_code == 404


def test_only_practitioners_write(alice_browser, dana_browser, signed):
    path = f"/appointments/{signed.appointment_id}/record"
    for browser in (alice_browser, dana_browser):
        assert browser.get(path).status_code == 403
        assert browser.post(path, data=record_fields()).status_code == 403
        assert browser.post(f"{path}/sign", data=record_fields()).status_code == 403
        assert browser.post(f"/records/{signed.id}/addenda", data={"text": "x"}).status_code == 403


def test_an_appointment_that_is_not_there_has_no_record(bob_browser, engine):
    nobody = "00000000-0000-0000-0000-000000000001"
    assert bob_browser.get(f"/appointments/{nobody}/record").status_code == 404
    assert bob_browser.get(f"/records/{nobody}").status_code == 404
