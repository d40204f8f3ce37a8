"""Every fact that shuts the gate, on every path that leads to a session, and on what was booked before it was known."""

import pytest

from tests.gate.facts import FACTS
from tests.gate.paths import PATHS
from tests.gate.table import AFTER, BEFORE, DOC, table
from tests.gate.world import World, make


@pytest.fixture
def world(engine, cast, signed_in, run_jobs) -> World:
    return make(engine, cast, signed_in, run_jobs)


@pytest.mark.parametrize("path", PATHS)
def test_a_path_leads_to_a_session_while_the_gate_is_open(world, path):
    assert PATHS[path](world) is None


@pytest.mark.parametrize("fact", FACTS)
def test_a_fact_shuts_every_path_and_puts_what_is_booked_on_hold(world, fact):
    with world.db() as db:
        FACTS[fact](world, db)
    world.run_jobs()
    with world.db() as db:
        assert world.appointment(db, world.second).is_on_hold, "what was booked before is not on hold"
    led = [path for path in PATHS if PATHS[path](world) is None]
    assert not led, f"{fact}: these still lead to a session: {led}"


@pytest.mark.parametrize("fact", ["hold by a practitioner", "consent withdrawn", "interval not over"])
def test_each_refusal_says_why(world, fact):
    words = {"hold by a practitioner": "paused", "consent withdrawn": "withdrawn", "interval not over": "rests for 60"}
    with world.db() as db:
        FACTS[fact](world, db)
    world.run_jobs()
    for path in ("client books", "team books", "client moves", "team moves", "client books the course", "command line"):
        assert words[fact] in (PATHS[path](world) or ""), path


def test_the_table_in_the_clinical_rules_is_what_these_tests_cover():
    text = DOC.read_text()
    assert text.partition(BEFORE)[2].partition(AFTER)[0].strip() == table().strip()
