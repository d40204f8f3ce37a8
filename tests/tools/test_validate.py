"""A validator is worth something only if it objects: each fault it should see is put into a sound page."""

import pytest

from tests.tools.nu import nu_available, nu_errors
from tests.tools.validate import axe, html_errors

SOUND = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Photos</title></head>
<body><!-- a comment --><main><h1>Photos</h1><label for="note">Note</label><input id="note" name="note">
<button type="submit">Send</button></main></body></html>"""

FAULTS = {
    "seen too early": ("</main>", "</main></div>"),
    "used 2 times": ("<h1>", '<h1 id="note">'),
    "points at nothing": ('for="note"', 'for="nota"'),
    "without lang": (' lang="en"', ""),
    "without alt": ("</main>", '<img src="/a.png"></main>'),
    "without a type": (' type="submit"', ""),
    "2 <h1> elements": ("<h1>", "<h1>A</h1><h1>"),
}


def test_a_sound_page_has_no_errors():
    assert html_errors(SOUND) == []


@pytest.mark.parametrize("complaint", FAULTS)
def test_a_fault_is_reported(complaint):
    before, after = FAULTS[complaint]
    assert any(complaint in error for error in html_errors(SOUND.replace(before, after)))


@pytest.mark.browser
def test_axe_finds_what_a_screen_reader_would_miss(chromium):
    page = chromium.new_page()
    page.set_content(SOUND)
    assert axe(page) == []
    page.set_content(SOUND.replace(' for="note"', ""))
    assert [violation.split()[0] for violation in axe(page)] == ["label"]
    page.close()


@pytest.mark.browser
@pytest.mark.skipif(not nu_available(), reason="the Nu checker needs java and npm on PATH")
def test_nu_finds_what_the_standard_forbids(tmp_path):
    sound, faulty = tmp_path / "sound.html", tmp_path / "faulty.html"
    sound.write_text(SOUND, "utf-8")
    faulty.write_text(SOUND.replace("<h1>", '<h1 id="note">'), "utf-8")
    errors = nu_errors([sound, faulty])
    assert len(errors) == 1
    assert errors[0].startswith("faulty.html:")
