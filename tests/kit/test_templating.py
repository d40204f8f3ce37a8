"""Filters and addresses in templates."""

from datetime import UTC, date, datetime, timedelta

import jinja2
import pytest

from portal import paths
from portal.kit import clock, templating
from portal.kit.templating import UrlMaker

NOON = datetime(2026, 3, 28, 12, 0, tzinfo=UTC)
JULY = datetime(2026, 7, 1, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "text, expected",
    [
        (templating.day(date(2026, 3, 8)), "8 March 2026"),
        (templating.day(datetime(2026, 3, 28, 23, 30, tzinfo=UTC), "Europe/Berlin"), "29 March 2026"),
        (templating.day(None), ""),
        (templating.weekday(date(2026, 3, 28)), "Saturday 28 March"),
        (templating.time_of_day(NOON, "Europe/Berlin"), "13:00 CET"),
        (templating.time_of_day(JULY, "Europe/Berlin"), "14:00 CEST"),
        (templating.time_of_day(NOON, "Asia/Dubai"), "16:00 UTC+04:00"),
        (templating.time_of_day(NOON, "Asia/Kathmandu"), "17:45 UTC+05:45"),
        (templating.moment(NOON, "Europe/London"), "28 March 2026, 12:00 GMT"),
        (templating.moment(None, "Europe/London"), ""),
        (templating.money(18000, "EUR"), "EUR 180.00"),
        (templating.money(123456789, "EUR"), "EUR 1,234,567.89"),
        (templating.money(0, "EUR"), "EUR 0.00"),
        (templating.money(None, "EUR"), ""),
        (templating.plural(1, "photo"), "1 photo"),
        (templating.plural(0, "photo"), "0 photos"),
        (templating.plural(3, "person", "people"), "3 people"),
        (templating.phone("+4930901820"), "+49 30 901820"),
        (templating.phone("112"), "112"),
    ],
)
def test_a_filter_says_it_for_people(text, expected):
    assert text == expected


@pytest.mark.parametrize(
    "distance, said",
    [
        (timedelta(seconds=-20), "just now"),
        (timedelta(minutes=-1), "1 minute ago"),
        (timedelta(hours=-3), "3 hours ago"),
        (timedelta(days=-40), "40 days ago"),
        (timedelta(days=2, seconds=5), "in 2 days"),
    ],
)
def test_how_long_ago(distance, said):
    assert templating.ago(clock.now() + distance) == said


def test_text_becomes_paragraphs_and_nothing_else():
    assert templating.paragraphs("one\ntwo\n\n \n<script>alert(1)</script>&{{ 7 * 7 }}") == (
        "<p>one<br>two</p><p>&lt;script&gt;alert(1)&lt;/script&gt;&amp;{{ 7 * 7 }}</p>"
    )
    assert templating.paragraphs("  ") == ""


@pytest.mark.parametrize(
    "name, params, path",
    [
        ("home", {}, "/"),
        ("home", {"page": 2, "none": None}, "/?page=2"),
        ("photo", {"id": "1", "size": "small"}, "/photos/1/small.jpg"),
        ("photo", {"id": "../../etc/passwd", "size": "a b?c#d"}, "/photos/..%2F..%2Fetc%2Fpasswd/a%20b%3Fc%23d.jpg"),
        ("photo", {"id": "1", "size": "s", "q": "a&b=c d"}, "/photos/1/s.jpg?q=a%26b%3Dc+d"),
        ("typed", {"day": 3}, "/days/3"),
    ],
)
def test_an_address_is_made_from_a_name(name, params, path):
    url = UrlMaker({"home": "/", "photo": "/photos/{id}/{size}.jpg", "typed": "/days/{day:int}"})
    assert url(name, **params) == path


def test_an_address_without_a_route_or_a_parameter_is_an_error():
    with pytest.raises(KeyError):
        UrlMaker({})("nowhere")
    with pytest.raises(KeyError):
        UrlMaker({"photo": "/photos/{id}"})("photo")


def test_what_people_typed_is_never_markup():
    env = templating.environment(paths.TEMPLATES, paths.STATIC, {})
    page = env.from_string("<p title='{{ it }}'>{{ it }}</p>").render(it="'\"><script>{{7*7}}%s")
    assert page == "<p title='&#39;&#34;&gt;&lt;script&gt;{{7*7}}%s'>&#39;&#34;&gt;&lt;script&gt;{{7*7}}%s</p>"
    with pytest.raises(jinja2.UndefinedError):
        env.from_string("{{ forgotten }}").render()


def test_each_form_gets_a_token_of_its_own():
    tokens = {str(templating.once()) for _ in range(100)}
    assert len(tokens) == 100
    assert all('type="hidden" name="form_token"' in token for token in tokens)


def test_an_asset_has_the_address_of_its_content(tmp_path, visitor):
    (tmp_path / "a.css").write_text("one")
    first = templating.asset_maker(tmp_path)("a.css")
    (tmp_path / "a.css").write_text("two")
    assert templating.asset_maker(tmp_path)("a.css") != first
    served = visitor.get(templating.asset_maker(paths.STATIC)("css/main.css"))
    assert served.status_code == 200
    assert served.headers["cache-control"] == "public, max-age=31536000, immutable"
