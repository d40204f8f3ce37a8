"""The client's recovery and the practitioner's small multiples, over HTTP."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
import sqlalchemy as sa

from portal.accounts.models import Person
from portal.audit.models import AuditEntry
from portal.bookings.rules import State
from portal.checkins.models import CheckIn
from portal.checkins.rules import Kind
from portal.kit import clock
from portal.kit.db import transaction
from portal.kit.forms import checked
from portal.recovery import watched
from portal.recovery.rules import Rank
from portal.side_effects import service
from portal.side_effects.forms import CloseForm
from portal.side_effects.models import TriageSetting
from tests.make_escalations import an_action
from tests.make_questionnaires import health_answers
from tests.make_side_effects import a_report, a_session_done, an_urgent_report

HERE, ALL = "/recovery", "/recovery/clients"
MARKS = {"usual": "<circle", "watched": "M0-7.5 7.5 0 0 7.5-7.5 0z", "above": "M0-8 7.5 6h-15z"}


@pytest.fixture
def made(engine):
    """`made(a_report, alice)` builds in a transaction of its own."""

    def make(build, *people, **said):
        with transaction(engine) as db:
            return build(db, *people, **said)

    return make


@pytest.fixture
def hidden(engine):
    """The clinic shows its clients fixed advice only."""
    with transaction(engine) as db:
        db.add(TriageSetting(shows_level=False))


def a_client(db, name):
    person = Person(name=name, email=f"{uuid4().hex}@example.test", password_hash="-")
    db.add(person)
    db.flush()
    health_answers(db, person.as_viewer())
    return person.as_viewer()


def a_check_in(db, client, appointment, *, due_in, **also):
    due_at = clock.now() + timedelta(hours=due_in)
    row = CheckIn(
        client_id=client.id,
        kind=Kind.SCHEDULED,
        appointment_id=appointment.id,
        hours=24,
        opens_at=due_at - timedelta(hours=12),
        due_at=due_at,
        **also,
    )
    db.add(row)
    return row


def closed(db, bob, report):
    an_action(db, bob, report)
    service.close(db, bob, report, checked(CloseForm, outcome="resolved").value)


# ---- the client ----


def test_before_the_first_session_the_page_is_friendly(alice_browser):
    page = alice_browser.get(HERE).text
    assert "Nothing to recover from yet" in page
    assert "We are not an emergency service" in page


def test_today_and_tomorrow_are_told_in_words(alice_browser, made, alice, bob):
    made(a_session_done, alice, bob, hours_ago=60)
    page = alice_browser.get(HERE).text
    assert "After Scalp micro-needling" in page
    assert "Today, day 3" in page
    assert "Mild redness, flaking, itch." in page
    assert "Usual from then on: No redness or only a faint trace of it, flaking." in page
    assert "Not usual any more: Redness that is clearly there, new pimples." in page
    assert "We are not an emergency service" in page
    assert "/messages" in page


def test_the_phases_name_where_we_are(alice_browser, made, alice, bob):
    made(a_session_done, alice, bob, hours_ago=24 * 4)
    page = alice_browser.get(HERE).text
    badges = re.findall(r"<strong>(\w+) ?(?:<span[^>]*>([^<]+)</span>)?", page)
    assert ("Inflammation", "now") in badges
    assert ("Proliferation", "may have begun") in badges
    assert ("Remodelling", "") in badges


def test_redness_is_drawn_before_anything_is_told(alice_browser, made, alice, bob):
    made(a_session_done, alice, bob)
    page = alice_browser.get(HERE).text
    assert '<title id="trace-redness-title">Redness after the session</title>' in page
    assert "Told: nothing yet." in page
    assert "trace-itch" not in page


def test_own_reports_stand_on_the_band_of_their_session(alice_browser, made, alice, bob):
    made(health_answers, alice)
    made(a_session_done, alice, bob, hours_ago=60)
    made(a_report, alice, symptoms=["redness", "itch"], itch="faint")
    page = alice_browser.get(HERE).text
    assert "mild after 2 days, more than usual" in page
    assert "faint after 2 days, usual" in page
    assert "Your reports after this session" in page


def test_another_session_is_chosen_by_its_address(alice_browser, made, alice, bob):
    old = made(a_session_done, alice, bob, hours_ago=24 * 30)
    made(a_session_done, alice, bob, hours_ago=5)
    assert f"{HERE}?session={old.id}" in alice_browser.get(HERE).text
    page = alice_browser.get(f"{HERE}?session={old.id}").text
    assert "Today, day 31" in page
    assert "What helps now" not in page


def test_what_is_not_ones_own_session_is_not_there(alice_browser, charlie_browser, made, alice, charlie, bob):
    hers = made(a_session_done, alice, bob)
    assert charlie_browser.get(f"{HERE}?session={hers.id}").status_code == 404
    made(a_session_done, charlie, bob)
    assert charlie_browser.get(f"{HERE}?session={hers.id}").status_code == 404
    assert alice_browser.get(f"{HERE}?session={uuid4()}").status_code == 404
    assert alice_browser.get(f"{HERE}?session=x").status_code == 404


def test_a_client_sees_no_other_clients_reports(alice_browser, charlie_browser, made, alice, charlie, bob):
    made(a_session_done, alice, bob)
    made(a_session_done, charlie, bob)
    made(a_report, charlie, symptoms=["itch"], itch="severe")
    assert "severe after" not in alice_browser.get(HERE).text
    assert "severe after" in charlie_browser.get(HERE).text


def test_each_page_is_for_its_role(alice_browser, bob_browser, dana_browser, visitor):
    assert alice_browser.get(ALL).status_code == 403
    assert dana_browser.get(ALL).status_code == 403
    assert dana_browser.get(HERE).status_code == 403
    assert bob_browser.get(HERE).status_code == 403
    assert visitor.get(ALL).status_code == visitor.get(HERE).status_code == 303


def test_the_home_page_leads_there_while_recovering(alice_browser, made, alice, bob):
    made(a_session_done, alice, bob)
    assert "Your recovery, day by day" in alice_browser.get("/home").text


def test_where_the_clinic_shows_no_level_marks_say_only_what_was_told(
    alice_browser, bob_browser, made, alice, bob, hidden
):
    made(a_session_done, alice, bob, hours_ago=100)
    report = made(a_report, alice)
    pages = [alice_browser.get(address).text for address in (HERE, f"/side-effects/{report.id}")]
    assert "mild after 4 days" in pages[0]
    for page in pages:
        assert "above the band" not in page
        assert "Within a day" not in page
        assert MARKS["above"] not in page
    assert "mild after 4 days, above the band" in bob_browser.get(f"/side-effects/{report.id}").text


@pytest.mark.parametrize("due_in, words", [(21, "24-hour check-in: "), (-1, "The 24-hour check-in waits for you.")])
def test_the_next_check_in_is_named_for_the_last_session_only(alice_browser, made, alice, bob, due_in, words):
    old = made(a_session_done, alice, bob, hours_ago=24 * 30)
    last = made(a_session_done, alice, bob, hours_ago=3)
    row = made(a_check_in, alice, last, due_in=due_in)
    page = alice_browser.get(HERE).text
    assert words in page
    assert (f"/check-ins/{row.id}" in page) == (due_in < 0)
    assert "24-hour check-in" not in alice_browser.get(f"{HERE}?session={old.id}").text


# ---- the drawing on the page of a report ----


@pytest.mark.parametrize("hours, place", [(30, "usual"), (60, "watched"), (100, "above")])
def test_no_meaning_lies_in_colour_alone(alice_browser, bob_browser, made, alice, bob, hours, place):
    made(health_answers, alice)
    made(a_session_done, alice, bob, hours_ago=hours)
    report = made(a_report, alice)
    words = {"usual": ", usual", "watched": ", more than usual", "above": ", above the band"}
    for browser in (alice_browser, bob_browser):
        page = browser.get(f"/side-effects/{report.id}").text
        field = page[page.index("trace-field") : page.index("trace-hours")]
        assert [name for name, shape in MARKS.items() if shape in field] == [place]
        assert words[place] in re.search(r"<desc[^>]*>([^<]+)</desc>", field)[1]
        assert 'role="img"' in field
        assert "style=" not in field
        assert page.count(words[place]) >= 3, "in the description, the table and the key"


def test_what_was_not_sure_has_no_mark(alice_browser, made, alice, bob):
    made(a_session_done, alice, bob, hours_ago=5)
    made(a_report, alice, symptoms=["redness", "itch"], redness="unsure", itch="mild")
    page = alice_browser.get(HERE).text
    assert "Redness, hours and days after the session, over what is usual. Told: nothing yet." in page
    assert "mild after 5 h, usual" in page


def test_each_session_has_its_own_drawings_and_each_report_only_what_it_names(alice_browser, made, alice, bob):
    made(health_answers, alice)
    made(a_session_done, alice, bob, hours_ago=24 * 30)
    with clock.travelled(timedelta(days=-29)):
        made(a_report, alice, redness="faint")
    made(a_session_done, alice, bob, hours_ago=40)
    made(a_report, alice, symptoms=["itch"], itch="faint")
    last = made(a_report, alice, redness="mild")
    pages = {address: alice_browser.get(address).text for address in (HERE, f"/side-effects/{last.id}")}
    for page in pages.values():
        assert "mild after 40 h" in page
        assert "faint after 24 h" not in page
    assert "trace-itch" in pages[HERE]
    assert "trace-itch" not in pages[f"/side-effects/{last.id}"]


def test_a_report_without_a_session_or_a_symptom_draws_nothing(alice_browser, made, alice, bob):
    before = made(a_report, alice)
    assert "trace-field" not in alice_browser.get(f"/side-effects/{before.id}").text
    made(a_session_done, alice, bob)
    flagged = made(an_urgent_report, alice)
    assert "trace-field" not in alice_browser.get(f"/side-effects/{flagged.id}").text


# ---- the practitioner ----


def test_worst_first(db, alice, bob):
    def after(name, *reports, hours_ago=60.0, **said):
        one = a_client(db, name)
        a_session_done(db, one, bob, hours_ago=hours_ago)
        made = [build(db, one, **said) for build in reports]
        return one, made

    after("Ordinary older", a_report, hours_ago=70, redness="faint")
    after("Ordinary newer", hours_ago=2)
    after("Watched", a_report)
    _, reports = after("Above", a_report, redness="severe")
    closed(db, bob, reports[0])
    after("Day", a_report, redness="severe")
    after("Urgent", an_urgent_report)
    after("Long ago", a_report, hours_ago=24 * 20)
    after("Not any more", hours_ago=24 * 14 + 1)
    page = watched.clients(db, bob, clock.now())
    assert [(card.name, card.standing.rank) for card in page.rows] == [
        ("Urgent", Rank.URGENT),
        ("Day", Rank.DAY),
        ("Long ago", Rank.DAY),
        ("Watched", Rank.WATCHED),
        ("Above", Rank.ABOVE),
        ("Ordinary newer", Rank.ORDINARY),
        ("Ordinary older", Rank.ORDINARY),
    ]


def test_an_open_report_of_an_earlier_session_still_counts(db, bob):
    one = a_client(db, "Twice")
    a_session_done(db, one, bob, hours_ago=24 * 30)
    with clock.travelled(timedelta(days=-25)):
        a_report(db, one, redness="severe")
    a_session_done(db, one, bob, hours_ago=3)
    card = watched.clients(db, bob, clock.now()).rows[0]
    assert (card.standing.rank, card.standing.day) == (Rank.DAY, 1)
    assert card.standing.newest is None


def test_what_was_told_before_anybody_marked_the_session_belongs_to_it(db, alice, bob):
    visit = a_session_done(db, alice, bob, 60)
    visit.state = State.BOOKED
    db.flush()
    report = a_report(db, alice)
    assert report.followed_at is None, "nobody has said for so long that it took place"
    visit.state = State.ATTENDED
    db.flush()
    (card,) = watched.clients(db, bob, clock.now()).rows
    assert card.standing.newest == report


def test_the_card_draws_the_symptom_that_is_furthest_out(db, bob):
    one = a_client(db, "Itchy")
    a_session_done(db, one, bob, hours_ago=30)
    a_report(db, one, symptoms=["redness", "itch"], redness="mild", itch="marked")
    card = watched.clients(db, bob, clock.now()).rows[0]
    assert card.standing.strongest.title == "Itch"


def test_the_page_shows_day_badge_and_drawing_and_records_the_look(bob_browser, made, engine, alice, bob):
    made(health_answers, alice)
    made(a_session_done, alice, bob, hours_ago=100)
    made(a_report, alice)
    page = bob_browser.get(ALL).text
    for words in ("Alice Ash", "Day 5", "Within a day", "Redness: mild after 4 days, above the band", MARKS["above"]):
        assert words in page
    assert "1 of 1 report raised an alarm (100 %)" in page
    with transaction(engine, write=False) as db:
        seen = db.exec(sa.select(AuditEntry.client_id).where(AuditEntry.action == "recovery.seen")).scalars().all()
    assert seen == [alice.id]


def test_who_left_a_check_in_unanswered_is_marked(bob_browser, made, alice, charlie, bob):
    for one in (alice, charlie):
        held = made(a_session_done, one, bob, hours_ago=60)
    made(a_check_in, charlie, held, due_in=-36, missed_at=clock.now() - timedelta(hours=12))
    page = bob_browser.get(ALL).text
    assert "1 question not answered</a>, 12 hours ago." in page
    assert page.count("Silent") == 1


def test_nobody_in_recovery_is_said(bob_browser):
    page = bob_browser.get(ALL).text
    assert "Nobody is in recovery" in page
    assert "Nobody reported anything in the last 8 weeks." in page


def test_pages_hold_24_and_lead_on(bob_browser, made, bob, engine):
    with transaction(engine) as db:
        for number in range(26):
            a_session_done(db, a_client(db, f"Client {number:02}"), bob, hours_ago=number + 1)
    first = bob_browser.get(ALL).text
    names = re.findall(r"Client \d\d", first)
    assert len(set(names)) == watched.CARDS
    onward = re.search(r'href="(/recovery/clients\?after=[^"]+)" rel="next"', first)[1]
    assert sorted(set(re.findall(r"Client \d\d", bob_browser.get(onward).text))) == ["Client 24", "Client 25"]
    assert bob_browser.get(f"{ALL}?after={uuid4()}").status_code == 200


def test_nobody_but_a_practitioner_is_told_of_anybody(db, alice, dana, bob):
    a_session_done(db, alice, bob)
    assert watched.clients(db, dana, clock.now()).rows == []
    assert watched.clients(db, alice, clock.now()).rows == []


def test_more_clients_take_no_more_statements(bob_browser, engine, bob):
    def count():
        said = []

        def note(_, __, statement, *___):
            said.append(statement)

        sa.event.listen(engine, "before_cursor_execute", note)
        assert bob_browser.get(ALL).status_code == 200
        sa.event.remove(engine, "before_cursor_execute", note)
        return len([one for one in said if "clinic_profile" not in one])  # which is read anew every two seconds

    def add(clients):
        with transaction(engine) as db:
            for number in range(clients):
                one = a_client(db, f"Client {number}")
                a_session_done(db, one, bob, hours_ago=60 + number)
                a_report(db, one, symptoms=["redness", "itch"], itch="mild")
                a_report(db, one, redness="severe")

    add(3)
    few = count()
    add(27)
    assert count() == few
