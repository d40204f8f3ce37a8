"""The Jinja environment: strict, escaped, compiled once; filters that name the zone; hashed asset addresses."""

import functools
import hashlib
import re
import secrets
from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from urllib.parse import quote, urlencode
from zoneinfo import ZoneInfo

import jinja2
import phonenumbers
from markupsafe import Markup, escape

from portal.kit import clock
from portal.kit.routing import FORM_TOKEN

_MINUTE, _HOUR, _DAY = 60, 3600, 86400
_PARAM = re.compile(r"{(\w+)(?::\w+)?}")


def environment(
    folder: Path, static: Path, urls: Mapping[str, str], *, auto_reload: bool = False
) -> jinja2.Environment:
    """The one environment. `urls`: route name → path with {parameters}."""
    env = jinja2.Environment(
        loader=jinja2.FileSystemLoader(folder),
        undefined=jinja2.StrictUndefined,
        autoescape=jinja2.select_autoescape(("html",), default_for_string=True),
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=auto_reload,
        cache_size=-1,
    )
    env.globals.update(url=url_maker(urls), asset=asset_maker(static), once=once, now=clock.now)
    env.filters.update(
        day=day,
        moment=moment,
        clock=time_of_day,
        ago=ago,
        money=money,
        weekday=weekday,
        paragraphs=paragraphs,
        phone=phone,
        plural=plural,
    )
    return env


class UrlMaker:
    """`url("photos:show", id=…)` → a path; what it does not name becomes the query. KeyError for no route."""

    def __init__(self, urls: Mapping[str, str]) -> None:
        self._urls = urls

    def __call__(self, name: str, **params: object) -> str:
        path = self._urls[name]
        used = set(_PARAM.findall(path))
        filled = _PARAM.sub(lambda match: quote(str(params[match[1]]), safe=""), path) if used else path
        query = {key: value for key, value in params.items() if key not in used and value is not None}
        return f"{filled}?{urlencode(query)}" if query else filled


def url_maker(urls: Mapping[str, str]) -> UrlMaker:
    """A UrlMaker for route name → path."""
    return UrlMaker(urls)


def asset_maker(static: Path) -> "functools._lru_cache_wrapper[str]":
    """`asset("css/main.css")` → an address that changes with the content, so that it may be cached for ever.

    Scripts import each other by relative addresses: all of them share one digest, and change address together.
    """

    @functools.cache
    def asset(name: str) -> str:
        files = sorted((static / "js").rglob("*.js")) if name.endswith(".js") else [static / name]
        digest = hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:12]
        return f"/static/{digest}/{name}"

    return asset


def once() -> Markup:
    """A hidden field that makes a form act once, however often it is sent."""
    return Markup('<input type="hidden" name="{}" value="{}">').format(FORM_TOKEN, secrets.token_urlsafe(16))


@functools.lru_cache(maxsize=4096)
def day(value: date | datetime | None, zone: str = "UTC") -> str:
    """“28 March 2026”; memoised, because formatting a date is the costliest thing in a list."""
    if value is None:
        return ""
    local = value.astimezone(ZoneInfo(zone)) if isinstance(value, datetime) else value
    return f"{local.day} {local:%B %Y}"


@functools.lru_cache(maxsize=4096)
def weekday(value: date | datetime, zone: str = "UTC") -> str:
    """“Saturday 28 March”."""
    local = value.astimezone(ZoneInfo(zone)) if isinstance(value, datetime) else value
    return f"{local:%A} {local.day} {local:%B}"


def time_of_day(value: datetime, zone: str = "UTC") -> str:
    """“14:30 CET”."""
    local = value.astimezone(ZoneInfo(zone))
    return f"{local:%H:%M} {zone_name(local)}"


@functools.lru_cache(maxsize=4096)
def moment(value: datetime | None, zone: str = "UTC") -> str:
    """“28 March 2026, 14:30 CET”."""
    return "" if value is None else f"{day(value, zone)}, {time_of_day(value, zone)}"


def zone_name(local: datetime) -> str:
    """“CET”; zones without letters read “UTC+04:00”."""
    name = local.tzname() or "UTC"
    return name if name[:1].isalpha() else f"UTC{local.strftime('%z')[:3]}:{local.strftime('%z')[3:]}"


def ago(value: datetime) -> str:
    """“3 hours ago”, “in 2 days”."""
    seconds = (clock.now() - value.astimezone(UTC)).total_seconds()
    size = abs(seconds)
    if size < _MINUTE:
        return "just now"
    count, word = _in_words(size)
    text = f"{count} {word}{'' if count == 1 else 's'}"
    return f"{text} ago" if seconds > 0 else f"in {text}"


def _in_words(seconds: float) -> tuple[int, str]:
    if seconds < _HOUR:
        return round(seconds / _MINUTE), "minute"
    if seconds < _DAY:
        return round(seconds / _HOUR), "hour"
    return round(seconds / _DAY), "day"


def money(cents: int | None, currency: str) -> str:
    """“EUR 180.00”; nothing for None."""
    return "" if cents is None else f"{currency} {cents / 100:,.2f}"


@functools.lru_cache(maxsize=256)
def phone(number: str) -> str:
    """“+49 30 901820” for an E.164 number; anything else as it is."""
    try:
        return phonenumbers.format_number(phonenumbers.parse(number), phonenumbers.PhoneNumberFormat.INTERNATIONAL)
    except phonenumbers.NumberParseException:
        return number


def plural(count: int, one: str, many: str | None = None) -> str:
    """“1 photo”, “3 photos”."""
    return f"{count} {one if count == 1 else many or one + 's'}"


def paragraphs(text: str) -> Markup:
    """Plain text as paragraphs; every character escaped."""
    blocks = [block for block in re.split(r"\n\s*\n", text.strip()) if block]
    return Markup("").join(
        Markup("<p>{}</p>").format(Markup("<br>").join(escape(line) for line in block.split("\n"))) for block in blocks
    )
