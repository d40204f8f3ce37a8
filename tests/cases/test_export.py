"""The export: what is in it, that nobody is, that it is documented field by field, and written down."""

import json
import re
import unicodedata
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
from sqlmodel import Session, select

from portal.accounts.models import Person
from portal.audit.models import AuditEntry
from portal.cases import queries, service
from portal.cases.export import TICKED, document
from portal.cases.forms import AddendumForm
from portal.kit import clock
from portal.kit.db import transaction
from portal.kit.forms import checked
from portal.side_effects import service as side_effects
from portal.side_effects.forms import CloseForm
from portal.side_effects.models import SideEffectReport
from tests.make_cases import a_signed_case
from tests.make_escalations import an_action
from tests.make_records import a_signed_record
from tests.make_side_effects import a_report
from tests.tools.source import ROOT, source

PHONE = "+491701234567"
TELLING = ("Alice", "Ash", "Bob", "Birch", "Erin", "Elm", "example.test", "1234567", "123 45 67")


@pytest.fixture
def whole(engine, alice, bob, erin, stored):
    """A case in which people are named wherever words are free."""
    with transaction(engine) as db:
        db.get_one(Person, alice.id).phone = PHONE
        report = db.get_one(SideEffectReport, stored.id)
        report.note = "Alice here, it itches. Call 0170 123 45 67 or alice@example.test."
        a_report(db, alice, symptoms=["redness", "itch"], redness="marked", itch="unsure", temperature="37.5")
        an_action(db, erin, report, "Erin Elm spoke with Alice.")
        more = {"suspects": ["cartridge"], "extra_name": "Alice's own oil", "extra_lot": "O-3", "causality": "probable"}
        words = {"assessment": "Ms Ash (alice@example.test) recovers.", "seriousness": ["hospital"]}
        file = a_signed_case(db, bob, report, **more, **words)
        service.add_addendum(db, bob, file, checked(AddendumForm, text="Bob Birch asked the maker.").value)
        side_effects.close(db, bob, report, checked(CloseForm, outcome="resolved", note="Alice is well.").value)
    return stored.id


def get(browser, report_id, query=""):
    return browser.get(f"/side-effects/{report_id}/file.json{query}")


def test_the_file_holds_the_case(bob_browser, whole):
    made = get(bob_browser, whole).json()
    assert (made["schema"], made["schema_version"]) == ("portal.case-file", 1)
    assert made["event"]["term"] == "Pruritus"
    assert made["severity"] == {"grade": 1, "scale": "CTCAE 5.0", "assigned_by": "practitioner"}
    assert made["seriousness"] == {
        "serious": True,
        "criteria": ["hospital"],
        "words": ["A stay in hospital, or a longer one"],
    }
    assert made["suspected"][0] == {
        "kind": "device",
        "name": "Needle cartridge",
        "lot": "LOT-77",
        "source": "record",
    }
    assert made["treatment"]["zones"][0] == {"zone": "frontal", "depth_mm": 0.5, "passes": 3}
    assert (made["dates"]["ongoing"], made["dates"]["duration_hours"]) == (True, None)
    assert (made["outcome"]["value"], made["causality"]["value"]) == ("resolved", "probable")
    assert made["patient"] == {"pseudonym": made["case"]["number"], "age_band": None, "sex": None}
    assert [one["by"] for one in made["actions"] + made["addenda"]] == ["practitioner 2", "practitioner 1"]
    assert made["practitioner"]["by"] == "practitioner 1"


def test_the_course_has_every_report_of_that_session(bob_browser, whole):
    first, second = get(bob_browser, whole).json()["course"]
    assert (first["is_this_report"], second["is_this_report"]) == (True, False)
    assert first["strengths"] == {"redness": {"word": "mild", "value": 2}}
    assert second["strengths"]["itch"] == {"word": "unsure", "value": None}
    assert second["answers"]["temperature"] == 37.5
    assert first["answers"]["products"] == ["used_minoxidil"]
    assert first["hours"] > 24
    assert (first["level"], bool(first["rules"]), bool(first["rules_version"])) == ("day", True, True)


@pytest.mark.parametrize("query", ["", "?with_words=yes"])
def test_nobody_is_in_it_by_name_address_or_number(bob_browser, whole, query, alice, bob, erin):
    answer = get(bob_browser, whole, query)
    for word in (*TELLING, *(str(one.id) for one in (alice, bob, erin)), str(whole)):
        assert word.lower() not in answer.text.lower(), word
    assert "[name]" in answer.text
    assert "Alice is well" not in answer.text


def test_what_was_typed_into_any_field_is_masked_and_the_print_view_is_not(bob_browser, engine, alice, bob, dana):
    names = "José Müller, Bob Birch, Erin_Elm, dana doe"  # the client and the team, whoever they are in this case
    with transaction(engine) as db:
        db.get_one(Person, alice.id).name = "José Müller"
        with clock.travelled(timedelta(days=-5)):
            used = {"topical": f"Serum for {names}", "device": "Pen of Bob Birch", "anaesthetic": "Erin Elm cream"}
            a_signed_record(db, bob, alice, **used, topical_lot="bob lot 7", cartridge_lot="L-7 Birch")
        report = a_report(db, alice, note=unicodedata.normalize("NFD", f"{names}, 030 123 45 67"))
        more = {
            "suspects": ["topical", "device", "cartridge"],
            "extra_name": f"Oil of {names}",
            "causality": "possible",
        }
        a_signed_case(db, bob, report, **more, extra_lot="Bob_4 +49 30 1234567")
    text = get(bob_browser, report.id, "?with_words=yes").text
    for name in ("José", "Müller", "Mu\u0308ller", "Bob", "Birch", "Erin", "Elm", "Dana", "Doe", "123 45 67"):
        assert name.lower() not in text.lower(), name
    assert json.loads(text)["suspected"][3]["lot"] == "[name]_4 [phone]"
    assert "Bob Birch" in unescape(bob_browser.get(f"/side-effects/{report.id}/file/print").text)


def test_the_clients_words_are_in_it_only_when_asked_for(bob_browser, whole):
    for query in ("", "?with_words=no", "?with_words=", "?with_words=%00x"):
        answer = get(bob_browser, whole, query)
        assert "it itches" not in answer.text
    made = get(bob_browser, whole, "?with_words=yes").json()["report"]
    assert made["with_words"] is True
    assert made["words"] == "[name] here, it itches. Call [phone] or [e-mail]."


def test_its_name_says_nothing_of_the_person_and_it_is_kept_nowhere(bob_browser, whole):
    answer = get(bob_browser, whole)
    number = answer.json()["case"]["number"].lower()
    assert answer.headers["content-disposition"] == f'attachment; filename="case-{number}.json"'
    assert answer.headers["cache-control"] == "private, no-store"
    assert answer.headers["content-type"] == "application/json"


def test_each_export_is_written_down_with_or_without_words(bob_browser, whole, engine, alice):
    get(bob_browser, whole)
    get(bob_browser, whole, "?with_words=yes")
    with Session(engine) as db:
        done = [one for one in db.exec(select(AuditEntry)) if one.action.startswith("cases.exported")]
    assert sorted(one.action for one in done) == ["cases.exported", "cases.exported-with-words"]
    assert {(one.actor_name, one.client_id) for one in done} == {("Bob Birch", alice.id)}


def test_every_field_is_explained_and_no_other(db, bob, report):
    an_action(db, bob, report)
    file = a_signed_case(db, bob, report, suspects=["device"], causality="certain")
    service.add_addendum(db, bob, file, checked(AddendumForm, text="More.").value)
    made = document(queries.sources(db, bob, report), clock.now(), with_words=False)
    page = source(ROOT / "docs" / "case-file.md")
    named = {one for row in re.findall(r"^\| (`.+?) \|", page, re.MULTILINE) for one in re.findall(r"`([^`]+)`", row)}
    assert set(_fields(made)) == named
    for name in TICKED:
        assert f"`{name}`" in page


def _fields(value, path=""):
    """“course[].level” and so on; an object that is explained as a whole ends there."""
    for name, inner in value.items():
        here = f"{path}{name}"
        first = inner[0] if isinstance(inner, list) and inner else None
        if isinstance(inner, dict) and name not in {"strengths", "answers"}:
            yield from ([here] if name == "treatment" else [])
            yield from _fields(inner, f"{here}.")
        elif isinstance(first, dict) and name != "zones":
            yield from _fields(first, f"{here}[].")
        else:
            yield here


def test_a_case_of_no_known_session_has_no_treatment(db, bob, charlie):
    report = a_report(db, charlie)
    a_signed_case(db, bob, report)
    made = document(queries.sources(db, bob, report), datetime(2026, 5, 4, tzinfo=UTC), with_words=False)
    assert (made["treatment"], made["dates"]["treatment_ended_at"], made["suspected"]) == (None, None, [])
    assert json.dumps(made)
