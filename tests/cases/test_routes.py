"""Pages of the case file: written, signed, printed, added to; and the line on the page of the report."""

import pytest
from sqlmodel import Session, select

from portal.audit.models import AuditEntry
from portal.cases.models import CaseFile
from portal.kit.db import transaction
from portal.side_effects.models import SideEffectReport
from tests.make_cases import a_signed_case, case_fields
from tests.make_escalations import an_action
from tests.make_side_effects import a_report, a_session_done
from tests.tools.validate import html_errors

NOBODY = "00000000-0000-0000-0000-000000000001"


@pytest.fixture
def path(stored):
    return f"/side-effects/{stored.id}/file"


@pytest.fixture
def fields(engine, stored):
    """What the form carries, with changes."""

    def made(**changes):
        with transaction(engine, write=False) as db:
            return case_fields(db, stored, **changes)

    return made


@pytest.fixture
def signed(engine, bob, stored):
    """The same report with a signed file, and an action."""
    with transaction(engine) as db:
        report = db.get_one(SideEffectReport, stored.id)
        an_action(db, bob, report, "Alice Ash was told to stop minoxidil.")
        chosen = {"suspects": ["cartridge", "used_minoxidil"], "causality": "possible"}
        return a_signed_case(db, bob, report, **chosen, assessment="Mild, of the serum 🙂", seriousness=["important"])


def files(engine):
    with Session(engine) as db:
        return db.exec(select(CaseFile)).all()


def test_the_form_offers_what_was_used_and_when_it_began(bob_browser, path, engine, stored):
    with transaction(engine) as db:
        db.get_one(SideEffectReport, stored.id).began_at = stored.reported_at
    page = bob_browser.get(path)
    assert html_errors(page.text) == []
    for words in ("Needle cartridge, lot LOT-77", "Serum B, lot S-9", "Lidocaine 4 %", "Minoxidil, used by the client"):
        assert words in page.text
    assert "Rash pustular (2–5)" in page.text
    assert 'name="onset" type="datetime-local" value="20' in page.text


def test_a_draft_is_kept_and_found_again(bob_browser, path, fields, engine):
    some = fields(suspects=["topical"], extra_name="Dye", extra_lot="D-1", causality="", seriousness=["hospital"])
    assert bob_browser.post(path, data=some).status_code == 303
    page = bob_browser.get(path).text
    for words in ('value="topical" checked', 'value="Dye"', 'value="D-1"', 'value="hospital" checked', "1 checked"):
        assert words in page.replace('value="1"', "1")
    (file,) = files(engine)
    assert (file.is_signed, file.causality) == (False, None)
    shown = bob_browser.get(f"{path}/print")
    assert html_errors(shown.text) == []
    assert "Nobody has signed this file yet." in shown.text


def test_a_signature_leads_to_the_page_to_print_and_shuts_the_form(bob_browser, path, fields, engine):
    assert bob_browser.post(f"{path}/sign", data=fields()).headers["location"] == f"{path}/print"
    page = bob_browser.get(f"{path}/print")
    assert html_errors(page.text) == []
    assert "by Bob Birch" in page.text
    assert bob_browser.get(path).headers["location"] == f"{path}/print"
    for where in (path, f"{path}/sign"):
        again = bob_browser.post(where, data=fields(grade="3"))
        assert again.status_code == 409
        assert "You can add to it, but not change it." in again.text
    assert files(engine)[0].grade == 1


@pytest.mark.parametrize(
    "changes, field, words",
    [
        ({"grade": ""}, "grade", "Please choose a grade."),
        ({"grade": "9"}, "grade", "5 or less"),
        ({"term": "rash_pustular"}, "grade", "has the grades 2 to 5"),
        ({"term": "skin_other", "term_words": "🙂"}, "term_words", "in a few words"),
        ({"onset": "2999-01-01T10:00"}, "onset", "reported before that"),
        ({"onset": "0001-01-01T00:00"}, "onset", "more than five years"),
        ({"ended": "9999-12-31T23:59"}, "ended", "in the future"),
        ({"ended": "2020-01-01T10:00"}, "ended", "before it began"),
        ({"extra_name": "Dye", "extra_lot": "9" * 121}, "extra_lot", "too long"),
        ({"suspects": ["x" * 41]}, "suspects", "too long"),
        ({"suspects": ["x"]}, "suspects", "one of the options"),
        ({"causality": "sure"}, "causality", "one of the options"),
        ({"assessment": "🙂" * 4001}, "assessment", "too long"),
    ],
)
def test_a_mistake_is_said_beside_its_field_and_nothing_is_written(
    bob_browser, path, fields, engine, changes, field, words
):
    page = bob_browser.post(f"{path}/sign", data=fields(**changes))
    assert page.status_code == 422
    assert f'href="#f-{field}"' in page.text
    assert words in page.text
    assert 'value="none" checked' in page.text, "what was right is still there"
    assert files(engine) == []


def test_the_page_to_print_tells_the_whole_case(bob_browser, path, signed):
    page = bob_browser.get(f"{path}/print").text
    for words in (
        f"Case file {signed.reference}",
        "Medically important for another reason",
        "Pruritus",
        "1, assigned after CTCAE 5.0",
        "LOT-77",
        "possible",
        "Mild, of the serum 🙂",
        "Middle",
        "Advice given",
        "told to stop minoxidil",
        "The report is still open.",
    ):
        assert words in page


def test_an_addendum_carries_its_author(bob_browser, erin, signed_in, path, signed):
    other = signed_in(erin)
    assert other.post(f"{path}/addenda", data={"text": " "}).status_code == 422
    assert other.post(f"{path}/addenda", data={"text": "The maker has answered."}).status_code == 303
    page = bob_browser.get(f"{path}/print").text
    assert "The maker has answered." in page
    assert "Erin Elm" in page


def test_a_draft_gets_no_addendum_and_no_export(bob_browser, path, fields):
    bob_browser.post(path, data=fields())
    assert bob_browser.post(f"{path}/addenda", data={"text": "x"}).status_code == 409
    assert bob_browser.get(f"{path}.json").status_code == 409


def test_the_report_says_that_an_alarm_has_no_file_yet(bob_browser, path, stored, fields):
    where = f"/side-effects/{stored.id}"
    page = bob_browser.get(where).text
    assert "it has no case file yet. It can be closed without one." in page
    bob_browser.post(path, data=fields())
    assert "Nobody has signed it yet." in bob_browser.get(where).text
    bob_browser.post(f"{path}/sign", data=fields())
    page = bob_browser.get(where).text
    assert "Pruritus, grade 1; not serious." in page
    assert "no case file" not in page


def test_an_ordinary_report_is_not_asked_for_a_file(bob_browser, engine, alice, bob):
    with transaction(engine) as db:
        a_session_done(db, alice, bob)
        report = a_report(db, alice)
    page = bob_browser.get(f"/side-effects/{report.id}").text
    assert "Write a case file" in page
    assert "no case file yet" not in page


def test_an_alarm_is_closed_without_a_file(bob_browser, engine, bob, stored):
    with transaction(engine) as db:
        an_action(db, bob, db.get_one(SideEffectReport, stored.id))
    answer = bob_browser.post(f"/side-effects/{stored.id}/close", data={"outcome": "resolved"})
    assert answer.status_code == 303
    assert "no case file yet" in bob_browser.get(f"/side-effects/{stored.id}").text


def test_the_client_reads_none_of_it(alice_browser, path, stored, signed):
    page = alice_browser.get(f"/side-effects/{stored.id}").text
    assert "Case file" not in page
    assert "Mild, of the serum" not in page


@pytest.mark.parametrize("end", ["", "/print", ".json"])
def test_nobody_but_a_practitioner_reads_one(alice_browser, charlie_browser, dana_browser, visitor, path, signed, end):
    for browser in (alice_browser, charlie_browser, dana_browser):
        assert browser.get(path + end).status_code == 403
    assert visitor.get(path + end).headers["location"].startswith("/sign-in")


def test_nobody_but_a_practitioner_writes_one(alice_browser, charlie_browser, dana_browser, path, fields, engine):
    for browser in (alice_browser, charlie_browser, dana_browser):
        for end in ("", "/sign", "/addenda"):
            assert browser.post(path + end, data=fields(text="x")).status_code == 403
    assert files(engine) == []


def test_a_report_that_is_not_there_has_no_file(bob_browser, fields, stored, path):
    for end in ("", "/print", ".json"):
        assert bob_browser.get(f"/side-effects/{NOBODY}/file{end}").status_code == 404
    for end in ("", "/sign", "/addenda"):
        assert bob_browser.post(f"/side-effects/{NOBODY}/file{end}", data=fields(text="x")).status_code == 404
    assert bob_browser.get(f"{path}/print").status_code == bob_browser.get(f"{path}.json").status_code == 404


def test_looking_is_recorded(bob_browser, path, signed, engine):
    bob_browser.get(f"{path}/print")
    with Session(engine) as db:
        looks = db.exec(select(AuditEntry).where(AuditEntry.action == "cases.seen")).all()
    assert [(one.actor_name, one.subject_id) for one in looks] == [("Bob Birch", signed.id)]
