"""The log: one JSON line a record, whatever is in it, and no word of a person in a trace."""

import io
import json
import logging

import pytest

from portal.accounts.models import Person
from portal.kit.db import transaction
from portal.kit.log import JsonLines, configure


@pytest.fixture
def lines():
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLines())
    logger = logging.getLogger("portal.test-of-the-log")
    logger.addHandler(handler)
    logger.propagate = False
    yield logger, lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    logger.removeHandler(handler)


def test_a_record_is_one_line(lines):
    logger, read = lines
    logger.warning('one\r\n{"level": "forged"}\u2028x', extra={"agent": "a\nb", "number": 3})
    (line,) = read()
    assert line["says"] == 'one\r\n{"level": "forged"}\u2028x'
    assert (line["level"], line["agent"], line["number"]) == ("WARNING", "a\nb", 3)
    assert line["at"].endswith("+00:00"), "UTC"


def test_what_has_no_json_is_written_as_text(lines):
    logger, read = lines
    logger.warning("x", extra={"odd": object})
    assert read()[0]["odd"] == "<class 'object'>"


def test_a_trace_says_where_and_never_what(lines, engine):
    logger, read = lines
    try:
        with transaction(engine) as db:
            db.add(Person(name="Very Private", email="VERY-PRIVATE@example.test"))
    except Exception:
        logger.exception("unexpected")
    (line,) = read()
    assert "Private" not in json.dumps(line).replace("test_a_trace", "")
    assert "PRIVATE" not in json.dumps(line)
    assert line["trace"][-1] == "IntegrityError"
    assert any("test_log.py" in place for place in line["trace"])


def test_the_servers_own_list_of_paths_is_silent():
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    configure("info")
    try:
        assert isinstance(root.handlers[0].formatter, JsonLines)
        assert not logging.getLogger("uvicorn.access").propagate
        assert logging.getLogger("uvicorn.error").propagate
    finally:
        root.handlers[:] = before
        root.setLevel(level)
