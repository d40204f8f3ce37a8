from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlmodel import select

from portal.bookings import service as bookings
from portal.bookings.rules import State
from portal.kit import clock
from portal.kit.errors import Incomplete, NotAllowed, NotFound, Refused
from portal.kit.forms import checked
from portal.notifications.models import Notice
from portal.records import queries, service
from portal.records.forms import AddendumForm
from portal.records.models import TreatmentRecord
from portal.suitability import service as suitability
from portal.suitability.models import Verdict
from portal.suitability.rules import HoldKind
from tests.make_availability import a_week
from tests.make_bookings import a_consultation
from tests.make_records import a_booked_needling, a_signed_record, record_form
from tests.make_suitability import a_needling, a_verdict

HOUR = timedelta(hours=1)


@pytest.fixture
def appointment(db, alice, bob):
    return a_booked_needling(db, bob, alice)


@pytest.fixture
def during(appointment):
    """A moment in the appointment."""
    with clock.travelled(appointment.starts_at - clock.now() + HOUR / 2):
        yield


def test_a_draft_may_have_gaps_and_is_written_again(db, bob, appointment, during):
    service.save_draft(db, bob, appointment, record_form(device="", endpoint=None, aftercare_given=None))
    again = service.save_draft(db, bob, appointment, record_form(device="Pen 4"))
    assert queries.record_for(db, bob, appointment.id).device == "Pen 4"
    assert not again.is_signed
    assert appointment.state is State.BOOKED


def test_a_signature_ends_the_writing_and_marks_the_client_as_seen(db, bob, appointment, during):
    record = service.sign(db, bob, appointment, record_form())
    assert record.is_signed
    assert appointment.state is State.ATTENDED
    assert (record.shallowest_mm, record.deepest_mm) == (0.5, 1.5)
    assert record.zone_lines == ["Front: 0.5 mm, 3 passes", "Crown: 1.5 mm, 1 pass"]
    for verb in (service.save_draft, service.sign):
        with pytest.raises(Refused, match="signed"):
            verb(db, bob, appointment, record_form(device="Another"))


def test_a_signature_says_which_skin_has_to_rest(db, bob, appointment, during):
    service.save_draft(db, bob, appointment, record_form())
    assert appointment.zones_done == []
    service.sign(db, bob, appointment, record_form(depth_vertex="", passes_vertex=""))
    assert appointment.zones_done == ["frontal"]


def test_what_is_on_hold_is_not_recorded_as_done(db, alice, bob, appointment, during):
    with clock.travelled(-2 * HOUR):
        hold = suitability.place_hold(db, bob, alice.id, HoldKind.PRACTITIONER, "Wait.")
    with pytest.raises(Refused, match="on hold"):
        service.sign(db, bob, appointment, record_form())
    assert queries.record_for(db, bob, appointment.id) is None
    with clock.travelled(-2 * HOUR):
        suitability.lift_hold(db, bob, hold.id)
    assert service.sign(db, bob, appointment, record_form()).is_signed


def test_a_signature_asks_for_everything_at_once(db, bob, appointment, during):
    form = record_form(device="", cartridge_lot="", endpoint=None, depth_frontal="2.0")
    with pytest.raises(Incomplete) as refusal:
        service.sign(db, bob, appointment, form)
    assert set(refusal.value.problems) == {"device", "cartridge_lot", "endpoint", "depth_frontal"}
    assert queries.record_for(db, bob, appointment.id) is None
    assert appointment.state is State.BOOKED


@pytest.mark.parametrize(
    "changes, field",
    [
        ({"depth_vertex": "1.55"}, "depth_vertex"),
        ({"depth_back": "0.5", "passes_back": "1"}, "depth_back"),
        ({"cartridge_expiry": clock.now().date()}, "cartridge_expiry"),
    ],
)
@pytest.mark.usefixtures("during")
def test_what_is_forbidden_is_not_even_kept_as_a_draft(db, bob, appointment, changes, field):
    for verb in (service.save_draft, service.sign):
        with pytest.raises(Incomplete) as refusal:
            verb(db, bob, appointment, record_form(**changes))
        assert list(refusal.value.problems) == [field]


def test_the_verdict_of_that_day_counts_not_a_later_one(db, alice, bob, appointment, during):
    with clock.travelled(HOUR):
        a_verdict(db, bob, alice, outcome="not_suitable")
    assert service.sign(db, bob, appointment, record_form()).is_signed


def test_another_treatments_verdict_allows_nothing(db, alice, bob, appointment):
    assert queries.allowed_at(db, alice.id, a_needling(db).id, appointment.starts_at).max_depth_mm == 1.5
    db.connection().execute(sa.update(Verdict).values(outcome="not_suitable"))
    db.expire_all()
    assert queries.allowed_at(db, alice.id, a_needling(db).id, appointment.starts_at) is None


def test_before_it_began_nothing_is_signed(db, bob, appointment):
    with pytest.raises(Refused, match="not begun"):
        service.sign(db, bob, appointment, record_form())


def test_a_consultation_has_a_verdict_and_no_record(db, alice, bob):
    a_verdict(db, bob, alice)
    a_week(db, bob)
    talk = a_consultation(db, alice, bob)
    with pytest.raises(Refused, match="ends with a verdict"):
        service.save_draft(db, bob, talk, record_form())


def test_what_was_cancelled_has_no_record(db, bob, appointment):
    bookings.cancel(db, bob, appointment, "Ill.")
    with pytest.raises(Refused, match="did not take place"):
        service.save_draft(db, bob, appointment, record_form())


@pytest.mark.usefixtures("during")
def test_only_practitioners_write(db, alice, dana, bob, appointment):
    for actor in (alice, dana):
        with pytest.raises(NotAllowed):
            service.save_draft(db, actor, appointment, record_form())
        with pytest.raises(NotAllowed):
            service.sign(db, actor, appointment, record_form())
    record = service.sign(db, bob, appointment, record_form())
    with pytest.raises(NotAllowed):
        service.add_addendum(db, alice, record, checked(AddendumForm, text="Mine.").value)


def test_only_a_signed_record_gets_addenda(db, bob, erin, appointment, during):
    addendum = checked(AddendumForm, text="The lot was LOT-78.").value
    draft = service.save_draft(db, bob, appointment, record_form())
    with pytest.raises(Refused, match="not signed yet"):
        service.add_addendum(db, bob, draft, addendum)
    record = service.sign(db, bob, appointment, record_form())
    service.add_addendum(db, erin, record, addendum)
    assert [(one.author_id, one.text) for one in queries.addenda(db, bob, record.id)] == [
        (erin.id, "The lot was LOT-78.")
    ]


def test_a_client_sees_signed_records_without_private_notes(db, alice, bob, appointment, during):
    draft = service.save_draft(db, bob, appointment, record_form())
    assert queries.record_for(db, alice, appointment.id) is None
    assert not queries.records(db, alice, alice.id)
    service.sign(db, bob, appointment, record_form())
    db.expunge_all()
    seen = queries.record(db, alice, draft.id)
    assert seen.device == "Pen 3"
    with pytest.raises(sa.exc.InvalidRequestError):
        _ = seen.notes


def test_strangers_and_admins_see_nothing(db, alice, bob, charlie, dana):
    record = a_signed_record(db, bob, alice)
    for stranger in (charlie, dana):
        assert queries.record_for(db, stranger, record.appointment_id) is None
        assert not queries.records(db, stranger, alice.id)
        assert not queries.unsigned(db, stranger)
        with pytest.raises(NotFound):
            queries.record(db, stranger, record.id)


def test_a_past_session_without_a_signature_waits(db, bob, appointment):
    assert not queries.unsigned(db, bob)
    with clock.travelled(appointment.ends_at - clock.now() + HOUR):
        assert [one.id for one in queries.unsigned(db, bob)] == [appointment.id]
        service.save_draft(db, bob, appointment, record_form())
        assert [one.id for one in queries.unsigned(db, bob)] == [appointment.id]
        service.sign(db, bob, appointment, record_form())
        assert not queries.unsigned(db, bob)


def test_an_attended_session_waits_at_once(db, bob, appointment, during):
    bookings.attend(db, bob, appointment)
    assert [one.id for one in queries.unsigned(db, bob)] == [appointment.id]


@pytest.mark.parametrize(
    "change", [{"deepest_mm": 2.6}, {"shallowest_mm": 0.2}, {"device": ""}, {"aftercare_given": False}]
)
def test_the_database_keeps_a_signed_record_whole(db, alice, bob, change):
    a_signed_record(db, bob, alice)
    with pytest.raises(sa.exc.IntegrityError, match=r"depth_in_range|signed_is_complete"):
        db.connection().execute(sa.update(TreatmentRecord).values(change))


def test_the_client_is_told_without_any_detail(db, alice, bob):
    record = a_signed_record(db, bob, alice)
    told = [notice.text for notice in db.exec(select(Notice).where(Notice.href == f"/records/{record.id}"))]
    assert told == ["Your practitioner has signed the record of your appointment."]
