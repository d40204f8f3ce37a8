"""An HTML form ↔ a pydantic model. A mistake comes back with what was typed, a sentence beside the field, and 422.

`Annotated[Bound[ReportForm], Depends(bind(ReportForm))]` gives a route `form.ok`, `form.value`, `form.errors`.
"""

import re
from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import Annotated, Any, Generic, Self, TypeVar, get_args, get_origin

from fastapi import Depends, Request
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, StringConstraints, ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile

from portal.kit.errors import Incomplete, Refused, SignInNeeded, Unavailable
from portal.kit.routing import FORM_TOKEN, MAX_FILES, SMALL_BODY

M = TypeVar("M", bound=BaseModel)
_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
_SENTENCES = {
    "missing": "Please fill this in.",
    "string_too_short": "Please write a little more.",
    "string_too_long": "This is too long: at most {max_length} characters.",
    "int_parsing": "Please give a whole number.",
    "float_parsing": "Please give a number.",
    "decimal_parsing": "Please give a number.",
    "date_from_datetime_parsing": "Please give a date, for example 2026-03-28.",
    "date_parsing": "Please give a date, for example 2026-03-28.",
    "datetime_parsing": "Please give a date and a time.",
    "datetime_from_date_parsing": "Please give a date and a time.",
    "time_parsing": "Please give a time, for example 14:30.",
    "uuid_parsing": "Please choose one of the options.",
    "enum": "Please choose one of the options.",
    "literal_error": "Please choose one of the options.",
    "greater_than_equal": "This must be {ge} or more.",
    "less_than_equal": "This must be {le} or less.",
    "greater_than": "This must be more than {gt}.",
    "less_than": "This must be less than {lt}.",
    "too_short": "Please choose at least one.",
    "too_long": "Please choose fewer.",
    "bool_parsing": "Please choose yes or no.",
}


class Form(BaseModel):
    """The parent of every form: text is trimmed, what the form does not know is ignored, the value is frozen."""

    model_config = ConfigDict(extra="ignore", frozen=True, str_strip_whitespace=True, validate_default=True)


def _printable(value: str) -> str:
    text = value.replace("\r\n", "\n")
    if _UNPRINTABLE.search(text):
        raise ValueError("This contains a character we cannot store.")
    return text


def _one_line(value: str) -> str:
    return " ".join(value.split())


def _ticked(value: object) -> object:
    return value not in (None, "", "no", "false", False)


def _must_tick(value: bool) -> bool:  # noqa: FBT001 - pydantic calls it
    if not value:
        raise ValueError("Please tick this to go on.")
    return value


Words = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4000), AfterValidator(_printable)
]
LongWords = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=20_000), AfterValidator(_printable)
]
OptionalWords = Annotated[str, StringConstraints(strip_whitespace=True, max_length=4000), AfterValidator(_printable)]
Line = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=120),
    AfterValidator(_printable),
    AfterValidator(_one_line),
]
OptionalLine = Annotated[
    str, StringConstraints(strip_whitespace=True, max_length=120), AfterValidator(_printable), AfterValidator(_one_line)
]
Tick = Annotated[bool, BeforeValidator(_ticked)]
MustTick = Annotated[bool, BeforeValidator(_ticked), AfterValidator(_must_tick)]


class Bound(Generic[M]):
    """What was typed, what is wrong with it, and (when nothing is) the value."""

    def __init__(self, raw: Mapping[str, Sequence[str]], files: Mapping[str, list[UploadFile]] | None = None) -> None:
        self.raw = raw
        self.files = files or {}
        self.errors: dict[str, str] = {}
        self._value: M | None = None

    @property
    def ok(self) -> bool:
        return not self.errors

    @property
    def value(self) -> M:
        if self._value is None:
            raise ValueError("a form with errors has no value")
        return self._value

    def raw_text(self, name: str) -> str:
        """What was typed into a field, the last one where there are several; empty when absent."""
        return (self.raw_all(name) or [""])[-1]

    def raw_all(self, name: str) -> list[str]:
        """Everything typed into a field, without NUL, which no page shows and no database takes."""
        return [value.replace("\0", "") for value in self.raw.get(name, ())]

    def fail(self, name: str, sentence: str) -> Self:
        """Put a sentence beside a field (name "" = above the whole form). Returns self."""
        self.errors.setdefault(name, sentence)
        return self

    def validate(self, model: type[M]) -> Self:
        try:
            self._value = model.model_validate(_shaped(self.raw, model))
        except ValidationError as error:
            for problem in error.errors(include_url=False):
                self.fail(str(problem["loc"][0]) if problem["loc"] else "", _sentence(dict(problem)))
        return self


def blank(**initial: object) -> Bound[Any]:
    """A form to show for the first time, filled with what we know."""
    return Bound({name: _as_typed(value) for name, value in initial.items()})


def checked(model: type[M], **values: object) -> Bound[M]:
    """The same validation for the demo, the CLI and tests: `checked(ReportForm, symptom="redness").value`."""
    return Bound[M]({name: _as_typed(value) for name, value in values.items()}).validate(model)


def bind(model: type[M]) -> Callable[[Request], Coroutine[Any, Any, Bound[M]]]:
    """A dependency that reads the request's form into a Bound[model]; files are in `form.files`."""

    async def bound(request: Request) -> Bound[M]:
        data = await _read(request)
        raw: dict[str, list[str]] = {}
        files: dict[str, list[UploadFile]] = {}
        for name, value in data.multi_items():
            if isinstance(value, UploadFile):
                if value.filename:
                    value.filename = _encodable(value.filename)
                    files.setdefault(name, []).append(value)
            elif name != FORM_TOKEN:
                raw.setdefault(name, []).append(_encodable(value))
        return Bound[M](raw, files).validate(model)

    return bound


def _encodable(text: str) -> str:
    """Half a surrogate pair (a form sent as UTF-7 can hold one) cannot be stored nor shown again: it becomes “?”."""
    return text.encode(errors="replace").decode()


async def _read(request: Request) -> FormData:
    await _only_much_from_friends(request)
    try:  # a file of more than a megabyte is spooled into a nameless one in the system's folder for such files
        data = await request.form(max_files=MAX_FILES, max_fields=120, max_part_size=128 * 1024)
    except OSError as error:
        raise Unavailable("There is no room to take this in just now. Nothing was saved; please try later.") from error
    request.state.form_token = data.get(FORM_TOKEN)
    request.state.uploads = [value for _, value in data.multi_items() if isinstance(value, UploadFile)]
    return data


async def _only_much_from_friends(request: Request) -> None:
    """A large body is read only for somebody who is signed in: a guard would speak after it was read."""
    stated, most = request.headers.get("content-length", ""), getattr(request.scope.get("endpoint"), "most_bytes", 0)
    if most <= SMALL_BODY or (stated.isdigit() and int(stated) <= SMALL_BODY):
        return
    if not await run_in_threadpool(request.app.state.is_signed_in, request):
        raise SignInNeeded("Please sign in first.")


async def _just_read(request: Request) -> None:
    await _read(request)


Posted = Annotated[None, Depends(_just_read)]
"""For a post that carries nothing but its form token."""


def completed(form: Bound[M], act: Callable[[], object]) -> bool:
    """Do it; whatever is missing or forbidden comes back beside its field. Nothing was written by then."""
    if form.ok:
        try:
            act()
        except Incomplete as error:
            for name, sentence in error.problems.items():
                form.fail(name, sentence)
    return form.ok


def refused(form: Bound[M], name: str, error: Refused) -> Bound[M]:
    """Turn a service's refusal into a sentence beside a field."""
    return form.fail(name, error.sentence)


def _as_typed(value: object) -> list[str]:
    if value is None:
        return []
    if isinstance(value, (list, tuple, set, frozenset)):
        return [str(item) for item in value]
    if isinstance(value, bool):
        return ["yes"] if value else []
    return [str(value)]


def _shaped(raw: Mapping[str, Sequence[str]], model: type[BaseModel]) -> dict[str, object]:
    shaped: dict[str, object] = {}
    for name, field in model.model_fields.items():
        given = [value for value in raw.get(name, ()) if "\0" not in value]
        if _is_many(field.annotation):
            shaped[name] = given
        elif given and (given[-1].strip() or field.annotation is str):
            shaped[name] = given[-1]
        elif raw.get(name) and not given:
            shaped[name] = "\0"
    return shaped


def _is_many(annotation: object) -> bool:
    origin = get_origin(annotation)
    return origin in {list, tuple, set, frozenset} or any(_is_many(part) for part in get_args(annotation))


def _sentence(problem: dict[str, Any]) -> str:
    context = problem.get("ctx") or {}
    if problem["type"] == "value_error":
        return _from_value_error(str(context.get("error", "")))
    kind, given = problem["type"], problem.get("input")
    if kind in {"too_short", "too_long"} and isinstance(given, str):  # a limit put on top of `Words` or `Line`
        kind = f"string_{kind}"
    if kind == "string_too_short" and not str(given or "").strip():
        return _SENTENCES["missing"]
    template = _SENTENCES.get(kind, "Please check this.")
    return template.format(**context)


def _from_value_error(text: str) -> str:
    return text if text.endswith((".", "?")) else "Please check this."
