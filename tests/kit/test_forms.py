"""Forms: each mistake has its sentence, what was typed is kept, and no character breaks a page or a database."""

from datetime import date, datetime, time
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Literal
from uuid import UUID

import pytest
from fastapi import Depends, Request
from pydantic import Field, field_validator
from starlette.responses import JSONResponse, Response

from portal.kit.errors import Refused
from portal.kit.fields import Email, OptionalPhone, Phone, Zone
from portal.kit.forms import (
    Bound,
    Form,
    Line,
    MustTick,
    OptionalLine,
    OptionalWords,
    Tick,
    Words,
    bind,
    blank,
    checked,
    refused,
)
from portal.kit.routing import Router
from tests.kit.small_app import small_app


class Colour(StrEnum):
    RED = "red"


class Everything(Form):
    words: Words = "x"
    short: Annotated[Words, Field(min_length=2, max_length=5)] = "xx"
    line: Line = "x"
    number: Annotated[int, Field(ge=1, le=9)] = 1
    above: Annotated[int, Field(gt=1, lt=9)] = 2
    share: float = 1.0
    price: Decimal = Decimal(1)
    day: date = date(2026, 1, 1)
    moment: datetime = datetime(2026, 1, 1)  # noqa: DTZ001 - as a browser sends it
    at: time = time(9)
    who: UUID = UUID(int=0)
    colour: Colour = Colour.RED
    way: Literal["a", "b"] = "a"
    some: Annotated[list[Colour], Field(min_length=1, max_length=2, default=[Colour.RED])]
    sure: bool = True
    agreed: MustTick = False
    odd: str = "even"
    email: Email = "a@example.org"
    phone: Phone = "+49301234567"
    zone: Zone = "Europe/Berlin"

    @field_validator("odd")
    @classmethod
    def _even(cls, value: str) -> str:
        if value == "odd":
            raise ValueError("Please be even.")
        if value == "strange":
            raise ValueError("no sentence for people")
        return value


@pytest.mark.parametrize(
    "name, typed, sentence",
    [
        ("words", [""], "Please fill this in."),
        ("words", ["  \n "], "Please fill this in."),
        ("words", ["x" * 4001], "This is too long: at most 4000 characters."),
        ("short", ["abcdef"], "This is too long: at most 5 characters."),
        ("short", ["a"], "Please write a little more."),
        ("line", ["x" * 121], "This is too long: at most 120 characters."),
        ("number", ["many"], "Please give a whole number."),
        ("number", ["0"], "This must be 1 or more."),
        ("number", ["10"], "This must be 9 or less."),
        ("above", ["1"], "This must be more than 1."),
        ("above", ["9"], "This must be less than 9."),
        ("share", ["half"], "Please give a number."),
        ("price", ["free"], "Please give a number."),
        ("day", ["tomorrow"], "Please give a date, for example 2026-03-28."),
        ("day", ["2026-02-30"], "Please give a date, for example 2026-03-28."),
        ("moment", ["noon"], "Please give a date and a time."),
        ("at", ["late"], "Please give a time, for example 14:30."),
        ("who", ["me"], "Please choose one of the options."),
        ("colour", ["green"], "Please choose one of the options."),
        ("way", ["c"], "Please choose one of the options."),
        ("some", [], "Please choose at least one."),
        ("some", ["red", "red", "red"], "Please choose fewer."),
        ("sure", ["perhaps"], "Please choose yes or no."),
        ("agreed", [""], "Please tick this to go on."),
        ("odd", ["odd"], "Please be even."),
        ("odd", ["strange"], "Please check this."),
        ("phone", ["030 1234567"], "Please start with the country code, for example +49 30 1234567."),
        ("phone", ["+49 30 1"], "This does not look like a phone number. Please check the digits."),
        ("zone", ["Mars/Olympus"], "Please choose a time zone from the list, for example Europe/Berlin."),
        ("email", ["nobody at home"], "Please check this e-mail address, for example name@example.org."),
    ],
)
def test_each_mistake_has_its_sentence(name, typed, sentence):
    form = Bound[Everything]({"some": ["red"], "agreed": ["yes"], name: typed}).validate(Everything)
    assert form.errors == {name: sentence}


def test_what_is_missing_is_asked_for():
    class Needs(Form):
        name: Words
        day: date

    assert Bound[Needs]({}).validate(Needs).errors == {"name": "Please fill this in.", "day": "Please fill this in."}


@pytest.mark.parametrize("bad", ["\0", "\x07", "\x1b[31m", "\x7f", "\ud800"])
@pytest.mark.parametrize("name", ["words", "line", "email", "odd", "colour", "phone", "number"])
def test_a_character_nobody_types_is_refused(name, bad):
    form = Bound[Everything]({"some": ["red"], "agreed": ["yes"], name: [f"a{bad}b"]}).validate(Everything)
    if name != "odd":
        assert name in form.errors
    elif form.ok:
        assert "\0" not in form.value.odd or form.value.odd == "\0"


def test_line_breaks_are_kept_in_words_and_not_in_a_line():
    value = checked(Everything, words="a\r\n\tb", line="a\r\n  b", some=["red"], agreed=True).value
    assert value.words == "a\n\tb"
    assert value.line == "a b"


def test_text_is_trimmed_and_numbers_and_addresses_are_made_uniform():
    value = checked(
        Everything, words="  a  ", phone=" +49 (30) 1234567 ", email="Alice@EXAMPLE.org", some=["red"], agreed=True
    ).value
    assert (value.words, value.phone, value.email) == ("a", "+49301234567", "alice@example.org")


def test_what_the_form_does_not_know_is_ignored():
    value = checked(Everything, is_admin="yes", role="admin", id="1", some=["red"], agreed=True).value
    assert not {"is_admin", "role", "id"} & set(value.model_dump())


def test_a_value_is_frozen_and_a_form_with_errors_has_none():
    form = checked(Everything, number="many")
    with pytest.raises(ValueError, match="has no value"):
        _ = form.value
    with pytest.raises(ValueError, match="frozen"):
        checked(Everything, some=["red"], agreed=True).value.words = "other"


def test_an_empty_answer_to_an_optional_question_is_none_and_the_default_stands():
    class Optional(Form):
        day: date | None = None
        count: int = 3
        note: OptionalWords = ""
        line: OptionalLine = ""
        phone: OptionalPhone = ""

    value = checked(Optional, day="", count=" ", note="", line="", phone="").value
    assert value == Optional()


@pytest.mark.parametrize(
    "typed, ticked", [("yes", True), ("on", True), ("1", True), ("no", False), ("false", False), ("", False)]
)
def test_a_tick(typed, ticked):
    class Ticked(Form):
        it: Tick = False

    assert Bound[Ticked]({"it": [typed]}).validate(Ticked).value.it is ticked
    assert Bound[Ticked]({}).validate(Ticked).value.it is False


def test_of_two_answers_the_last_counts_and_a_list_takes_both():
    form = Bound[Everything]({"line": ["first", "second"], "some": ["red", "red"], "agreed": ["yes"]}).validate(
        Everything
    )
    assert form.value.line == "second"
    assert form.value.some == [Colour.RED, Colour.RED]


def test_what_was_typed_is_kept():
    form = checked(Everything, words="", line="my name", some=["red", "green"])
    assert form.raw_text("line") == "my name"
    assert form.raw_all("some") == ["red", "green"]
    assert (form.raw_text("nothing"), form.raw_all("nothing")) == ("", [])


def test_the_first_sentence_beside_a_field_stays():
    form = blank().fail("day", "First.").fail("day", "Second.")
    assert form.errors == {"day": "First."}
    assert not form.ok
    assert refused(blank(), "day", Refused("Too late.")).errors == {"day": "Too late."}


def test_a_blank_form_shows_what_we_know():
    form = blank(name="Alice", on=True, off=False, many=[1, 2], nothing=None, day=date(2026, 3, 28))
    assert [form.raw_text(name) for name in ("name", "on", "off", "nothing", "day")] == [
        "Alice",
        "yes",
        "",
        "",
        "2026-03-28",
    ]
    assert form.raw_all("many") == ["1", "2"]


@pytest.fixture
def echo(engine):
    router = Router()

    @router.post("/echo")
    def show(request: Request, form: Annotated[Bound[Everything], Depends(bind(Everything))]) -> Response:
        return JSONResponse(
            {
                "raw": form.raw,
                "errors": form.errors,
                "files": {name: [file.filename for file in files] for name, files in form.files.items()},
            }
        )

    return small_app(engine, router)


def test_a_form_is_read_from_the_request_without_its_token(echo):
    answer = echo.post("/echo", data={"line": "x", "form_token": "secret"}).json()
    assert answer["raw"] == {"line": ["x"]}


def test_an_empty_file_field_is_no_file(echo):
    empty, full = ("photo", ("", b"", "application/octet-stream")), ("photo", ("a.jpg", b"x", "image/jpeg"))
    assert echo.post("/echo", files=[empty, full]).json()["files"] == {"photo": ["a.jpg"]}


def test_half_a_character_is_not_carried_on(echo):
    """UTF-7 can hold half a surrogate pair, which no page and no database takes."""
    head = "--x\r\nContent-Disposition: form-data; name="
    parts = "".join(f'{head}"{name}"\r\n\r\n+2AA-\r\n' for name in ("line", "form_token")) + "--x--\r\n"
    answer = echo.post(
        "/echo", content=parts.encode(), headers={"content-type": "multipart/form-data; boundary=x; charset=utf-7"}
    )
    assert answer.status_code == 200
    assert answer.json()["raw"] == {"line": ["?"]}


@pytest.mark.parametrize(
    "content, kind",
    [
        (b"--y\r\nbroken", "multipart/form-data; boundary=x"),
        (b"a", "multipart/form-data"),
        ("&".join(f"f{number}=x" for number in range(300)).encode(), "application/x-www-form-urlencoded"),
    ],
)
def test_a_form_that_is_no_form_is_a_mistake_of_the_sender(echo, content, kind):
    assert 400 <= echo.post("/echo", content=content, headers={"content-type": kind}).status_code < 500


def test_json_is_no_form(echo):
    assert echo.post("/echo", json={"line": "x"}).json()["raw"] == {}
