"""Case files: drafts, signatures that end the writing, what is suspected, and who may."""

import threading
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from sqlmodel import select

from portal.audit.models import AuditEntry
from portal.bookings.rules import State
from portal.cases import queries, service
from portal.cases.forms import AddendumForm, CaseForm
from portal.cases.models import CaseAddendum, CaseFile
from portal.cases.rules import Criterion, Term
from portal.kit import clock
from portal.kit.db import transaction
from portal.kit.errors import Incomplete, NotAllowed, NotFound, Refused
from portal.kit.forms import checked
from portal.side_effects.models import SideEffectReport
from tests.make_cases import a_signed_case, case_fields, case_form
from tests.make_side_effects import a_report, a_session_done

ADDENDUM = checked(AddendumForm, text="The maker has answered.").value


def problems(db, actor, report, verb=service.sign, **changes):
    with pytest.raises(Incomplete) as refusal:
        verb(db, actor, report, case_form(db, report, **changes))
    return refusal.value.problems


def test_a_draft_may_be_empty_and_is_written_again(db, bob, erin, report):
    service.save_draft(db, bob, report, checked(CaseForm).value)
    file = service.save_draft(db, erin, report, case_form(db, report, grade="2"))
    assert (file.grade, file.is_signed, file.written_by_id) == (2, False, erin.id)
    assert [one.id for one in db.exec(select(CaseFile))] == [file.id]


def test_a_signature_keeps_who_and_when_and_ends_the_writing(db, bob, erin, report):
    file = a_signed_case(db, bob, report)
    assert (file.signed_by_id, file.terms_version, file.event) == (bob.id, "CTCAE 5.0", "Pruritus")
    for verb in (service.save_draft, service.sign):
        with pytest.raises(Refused, match="You can add to it, but not change it"):
            verb(db, erin, report, case_form(db, report, grade="3"))
    assert queries.case_file(db, bob, report.id).grade == 1


def test_what_is_missing_is_said_at_once_and_nothing_is_written(db, bob, report):
    nothing = dict.fromkeys(("seriousness", "term", "grade", "onset", "causality"))
    assert set(problems(db, bob, report, **nothing)) == set(nothing)
    assert queries.of_report(db, bob, report.id) is None


@pytest.mark.parametrize(
    "changes, field",
    [
        ({"term": "rash_pustular", "grade": "1"}, "grade"),
        ({"term": "skin_other"}, "term_words"),
        ({"ended": "2020-01-01T10:00"}, "ended"),
        ({"ended": "2999-01-01T10:00"}, "ended"),
        ({"onset": "2999-01-01T10:00"}, "onset"),
        ({"suspects": ["device", "the moon"]}, "suspects"),
        ({"extra_lot": "X-1"}, "extra_name"),
    ],
)
def test_what_contradicts_itself_is_not_even_kept_as_a_draft(db, bob, report, changes, field):
    for verb in (service.save_draft, service.sign):
        assert list(problems(db, bob, report, verb, **changes)) == [field]
    assert queries.of_report(db, bob, report.id) is None


def test_what_is_suspected_is_kept_with_its_lot_as_it_was(db, bob, report):
    chosen = ["cartridge", "topical", "used_minoxidil", "topical"]
    more = {"extra_kind": "other", "extra_name": "Hair dye", "extra_lot": "D 1"}
    file = a_signed_case(db, bob, report, suspects=chosen, causality="possible", **more)
    assert [(one["kind"], one["name"], one["lot"], one["source"]) for one in file.suspects] == [
        ("device", "Needle cartridge", "LOT-77", "record"),
        ("topical", "Serum B", "S-9", "record"),
        ("other", "Minoxidil, used by the client", "", "report"),
        ("other", "Hair dye", "D 1", "written"),
    ]


def test_without_a_record_only_words_can_be_suspected(db, bob, charlie):
    report = a_report(db, charlie)
    assert list(problems(db, bob, report, suspects=["device"])) == ["suspects"]
    assert list(problems(db, bob, report, causality="certain")) == ["suspects"]
    assert a_signed_case(db, bob, report, causality="certain", extra_name="Nettle tea").suspects


def test_times_are_those_of_the_clinics_wall(db, bob, report):
    file = a_signed_case(db, bob, report)
    assert timedelta(0) <= report.reported_at - file.onset_at - timedelta(hours=1) < timedelta(minutes=1)
    db.expire_all()
    local = file.onset_at.astimezone(ZoneInfo("Europe/Berlin"))
    assert case_fields(db, report)["onset"] == f"{local:%Y-%m-%dT%H:%M}"


def test_several_criteria_make_one_serious_case(db, bob, report):
    file = a_signed_case(db, bob, report, seriousness=["hospital", "important", "hospital"])
    assert file.criteria == [Criterion.HOSPITAL, Criterion.IMPORTANT]


def test_words_belong_to_the_term_that_asks_for_them(db, bob, report):
    file = service.save_draft(db, bob, report, case_form(db, report, term="skin_other", term_words="Scar 🙂"))
    assert file.event == "Skin and subcutaneous tissue disorders – Other, specify: Scar 🙂"
    assert service.save_draft(db, bob, report, case_form(db, report, term_words="Scar")).term_words == ""
    assert file.term is Term.PRURITUS


def test_only_what_is_signed_gets_addenda(db, bob, erin, report):
    draft = service.save_draft(db, bob, report, case_form(db, report))
    with pytest.raises(Refused, match="not signed yet"):
        service.add_addendum(db, bob, draft, ADDENDUM)
    file = a_signed_case(db, bob, report)
    service.add_addendum(db, erin, file, ADDENDUM)
    assert [(one.by_id, one.text) for one in queries.addenda(db, bob, file)] == [(erin.id, ADDENDUM.text)]


def test_only_practitioners_write_and_read(db, alice, bob, charlie, dana, report):
    for actor in (alice, charlie, dana):
        for verb in (service.save_draft, service.sign):
            with pytest.raises(NotAllowed):
                verb(db, actor, report, case_form(db, report))
    file = a_signed_case(db, bob, report)
    for actor in (alice, charlie, dana):
        assert queries.of_report(db, actor, report.id) is None
        assert not queries.addenda(db, actor, file)
        assert not queries.course(db, actor, report)
        with pytest.raises(NotFound):
            queries.sources(db, actor, report)
        with pytest.raises(NotAllowed):
            service.add_addendum(db, actor, file, ADDENDUM)
        with pytest.raises(NotAllowed):
            service.hand_out(db, actor, file, with_words=False)


def test_a_report_without_a_file_has_none(db, bob, report):
    with pytest.raises(NotFound):
        queries.case_file(db, bob, report.id)


def test_the_course_is_what_was_told_after_the_same_session(db, alice, bob, charlie, report):
    later = a_report(db, alice, redness="marked")
    a_report(db, charlie)
    assert [one.id for one in queries.course(db, bob, report)] == [report.id, later.id]
    a_session_done(db, alice, bob, hours_ago=1)
    another = a_report(db, alice)
    assert [one.id for one in queries.course(db, bob, another)] == [another.id]
    assert [one.id for one in queries.course(db, bob, report)] == [report.id, later.id]


def test_the_course_has_what_was_told_before_anybody_marked_the_session(db, alice, bob):
    visit = a_session_done(db, alice, bob, hours_ago=60)
    visit.state = State.BOOKED
    db.flush()
    before = a_report(db, alice)
    visit.state = State.ATTENDED
    db.flush()
    after = a_report(db, alice)
    assert (before.followed_at, after.followed_at) == (None, visit.ends_at)
    assert [one.id for one in queries.course(db, bob, after)] == [before.id, after.id]
    assert [one.id for one in queries.course(db, bob, before)] == [before.id, after.id]


def test_of_two_who_sign_at_once_one_is_told(engine, bob, erin, stored):
    said, gate = [], threading.Barrier(2)

    def sign(actor, grade):
        gate.wait()
        try:
            with transaction(engine) as db:
                mine = db.get_one(SideEffectReport, stored.id)
                service.sign(db, actor, mine, case_form(db, mine, grade=grade))
            said.append(("signed", actor.id, int(grade)))
        except Refused as refusal:
            said.append(("told", actor.id, refusal.sentence))

    both = [threading.Thread(target=sign, args=one) for one in ((bob, "1"), (erin, "2"))]
    for one in both:
        one.start()
    for one in both:
        one.join()
    assert sorted(what for what, *_ in said) == ["signed", "told"]
    with transaction(engine, write=False) as db:
        file = db.exec(select(CaseFile)).one()
    assert ("signed", file.signed_by_id, file.grade) in said


@pytest.mark.parametrize(
    "change", [{"grade": 6}, {"grade": None}, {"signed_by_id": None}, {"ended_at": clock.now() - timedelta(days=900)}]
)
def test_the_database_keeps_a_signed_file_whole(db, bob, report, change):
    a_signed_case(db, bob, report)
    with pytest.raises(sa.exc.IntegrityError):
        db.connection().execute(sa.update(CaseFile).values(change))


def test_what_was_done_is_in_the_audit(db, bob, report):
    service.save_draft(db, bob, report, case_form(db, report))
    service.add_addendum(db, bob, a_signed_case(db, bob, report), ADDENDUM)
    done = [one.action for one in db.exec(select(AuditEntry)) if one.action.startswith("cases.")]
    assert sorted(done) == ["cases.addendum", "cases.drafted", "cases.signed"]
    assert db.exec(select(CaseAddendum)).one().client_id == report.client_id
