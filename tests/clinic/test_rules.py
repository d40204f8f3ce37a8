"""One accent, readable everywhere."""

import pytest

from portal.clinic.rules import NIGHT, PAPER, contrast, is_colour, luminance, readable_on, theme

COLOURS = ["#000000", "#ffffff", "#ff0000", "#ffff00", "#00ff00", "#2f5f55", "#7f7f7f", "#0000ff", "#f6f1e8", "#1b1815"]


def test_contrast_as_wcag_counts_it():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#ffffff", "#000000") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)
    assert contrast("#123456", "#123456") == 1
    assert (luminance("#000000"), luminance("#ffffff")) == (0, pytest.approx(1))


@pytest.mark.parametrize("colour", COLOURS)
def test_every_colour_derived_from_an_accent_can_be_read(colour):
    made = theme(colour)
    assert contrast(made.accent, PAPER) >= 4.5
    assert contrast(made.strong, PAPER) >= 4.5
    assert contrast(made.on_accent, made.accent) >= 4.5
    assert contrast(made.accent_dark, NIGHT) >= 4.5
    assert contrast(made.strong_dark, NIGHT) >= 4.5
    assert contrast(made.on_accent_dark, made.accent_dark) >= 4.5


def test_a_readable_colour_is_left_alone():
    assert readable_on("#2f5f55", PAPER) == "#2f5f55"


@pytest.mark.parametrize(
    "text, yes",
    [
        ("#2f5f55", True),
        ("#2F5F55", True),
        ("#fff", False),
        ("2f5f55", False),
        ("red", False),
        ("#2f5f5g", False),
        ("#2f5f55;}", False),
        ("", False),
        ("#2f5f55\n", False),
    ],
)
def test_what_is_a_colour(text, yes):
    assert is_colour(text) is yes
