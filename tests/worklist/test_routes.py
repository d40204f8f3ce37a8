"""The queue and the list of clients over HTTP."""

from portal.kit.db import transaction
from portal.messages import service as messages
from portal.messages.forms import MessageForm
from tests.make_side_effects import a_report, a_session_done, an_urgent_report


def test_the_queue_puts_the_urgent_report_first(bob_browser, engine, alice, charlie):
    with transaction(engine) as db:
        messages.send(db, alice, alice.id, MessageForm(body="May I swim?"))
        an_urgent_report(db, charlie)
    page = bob_browser.get("/queue").text
    assert page.index("Charlie Cedar") < page.index("Alice Ash")
    assert "Call now" in page


def test_a_filter_shows_one_kind_only(bob_browser, engine, alice, charlie):
    with transaction(engine) as db:
        messages.send(db, alice, alice.id, MessageForm(body="May I swim?"))
        an_urgent_report(db, charlie)
    page = bob_browser.get("/queue?show=messages").text
    assert "Alice Ash" in page
    assert "Charlie Cedar" not in page


def test_an_expected_report_waits_for_nobody(bob_browser, engine, alice, bob):
    with transaction(engine) as db:
        a_session_done(db, alice, bob, hours_ago=3)
        a_report(db, alice, symptoms=["redness"], redness="mild", trend="same")
    assert "Redness" not in bob_browser.get("/queue").text


def test_an_empty_queue_says_what_will_come(bob_browser):
    assert "Nothing waits" in bob_browser.get("/queue").text


def test_clients_are_found_by_a_part_of_their_name(bob_browser):
    page = bob_browser.get("/clients?words=cedar").text
    assert "Charlie Cedar" in page
    assert "Alice Ash" not in page


def test_a_percent_sign_is_only_a_letter(bob_browser):
    assert "Nobody found" in bob_browser.get("/clients?words=%25").text


def test_clients_and_admins_have_no_queue(alice_browser, dana_browser):
    assert alice_browser.get("/queue").status_code == 403
    assert dana_browser.get("/clients").status_code == 403
