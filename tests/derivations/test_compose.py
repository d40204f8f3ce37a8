"""Two pictures side by side: whole, dated, nameless."""

import io
from datetime import date

import pytest
from PIL import Image

from portal.derivations.compose import WHAT_IT_IS, Panel, _spelled, pair
from tests.make import a_jpeg

BEFORE, AFTER = Panel(a_jpeg(gps=True), date(2026, 1, 5)), Panel(a_jpeg(shade=200, size=(480, 640)), date(2026, 4, 9))
WORDS = ["Comparable with care.", "The light differs a little. " * 12]


def test_a_picture_shows_both_and_carries_nothing_else():
    made = pair(BEFORE, AFTER, "Crown", WORDS, as_pdf=False)
    image = Image.open(io.BytesIO(made.data))
    assert (image.format, image.size, made.media_type) == ("JPEG", made.size, "image/jpeg")
    assert image.size[0] > image.size[1]
    assert not image.getexif()
    left, right = (image.getpixel((x, 640)) for x in (700, 60 + 1333 + 40 + 400))
    assert abs(left[0] - 120) < 12
    assert abs(right[0] - 200) < 12


def test_a_page_is_one_page_without_a_date_of_making_or_a_name():
    made = pair(BEFORE, AFTER, "Crown", WORDS, as_pdf=True)
    assert made.media_type == "application/pdf"
    assert made.data.startswith(b"%PDF")
    assert made.data.count(b"/Type /Page\n") + made.data.count(b"/Type /Page ") == 1
    assert b"CreationDate" not in made.data
    assert b"Exif" not in made.data


def test_more_words_make_a_higher_page():
    short, long = (pair(BEFORE, AFTER, "Crown", ["A sentence."] * count, as_pdf=False) for count in (1, 9))
    assert long.size[1] > short.size[1]
    assert long.size[0] == short.size[0]


@pytest.mark.parametrize("text, plain", [("Łódź, Zoë’s", "odz, Zoe's"), ("3 × 4 – “five”", '3 x 4 - "five"')])
def test_letters_the_built_in_font_lacks_are_spelled_plainly(text, plain):
    assert _spelled(text) == plain


def test_it_says_what_it_is():
    assert "not a diagnosis" in WHAT_IT_IS
