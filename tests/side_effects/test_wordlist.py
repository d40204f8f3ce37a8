"""Words that are never ignored in free text, whole words only, and texts nobody can read by rule."""

import time

import pytest

from portal.side_effects.wordlist import RUNNING, read


def found(text):
    return RUNNING.search(text).signs


@pytest.mark.parametrize(
    "text, sign",
    [
        ("I can’t breathe", "breathing"),
        ("i cant breath properly", "breathing"),
        ("Ich bekomme keine Luft", "breathing"),
        ("Swelling has come up in my face", "face_swelling"),
        ("Meine Zunge ist ganz geschwollen", "face_swelling"),
        ("Gesichtsschwellung", "face_swelling"),
        ("I nearly fainted", "collapse"),
        ("bin ohnmaechtig geworden", "collapse"),
        ("bin ohnmächtig geworden", "collapse"),
        ("SEPSIS?", "very_unwell"),
        ("my vision went blurry", "eye"),
        ("die Haut wird schwarz", "black_skin"),
        ("pain in my chest", "chest"),
        ("es hört nicht auf zu bluten", "bleeding"),
        ("there is pus", "pus"),
        ("Eiterpickel", "pus"),
        ("38,9 Grad heute früh", "fever"),
        ("102.5 F", "fever"),
        ("Quaddeln am Kopf", "hives"),
        ("my forehead has swollen", "forehead"),
        ("it spreads", "spreading"),
        ("riecht faulig", "smell"),
        ("two blisters", "blister"),
        ("wohl infiziert", "infection"),
        ("inflamed", "inflamed"),
        ("difficulty swallowing", "breathing"),
        ("my lips are huge", "face_swelling"),
        ("lips are puffy", "face_swelling"),
        ("cannot stay awake", "very_unwell"),
        ("I cannot see properly", "eye"),
        ("puss is coming out", "pus"),
        ("temp 39", "fever"),
        ("my temp was 38.5 this morning", "fever"),
        ("42 grad", "fever"),
        ("🆘", "help"),
        ("bitte anrufen", "help"),
    ],
)
def test_a_sign_is_found_however_it_is_written(text, sign):
    assert sign in found(text)


@pytest.mark.parametrize(
    "text, sign", [("no fever at all", "fever"), ("kein Eiter", "pus"), ("not spreading", "spreading")]
)
def test_a_negation_changes_nothing(text, sign):
    assert sign in found(text)


@pytest.mark.parametrize(
    "text",
    [
        "faint redness",
        "I can’t see any redness",
        "Es ist nichts zu sehen",
        "In fact the swelling is gone",
        "campus, hospitable, winds",
        "Die Rötung ist nur noch ganz blass",
        "numb from the cream",
        "The shampoo smells nice",
        "Mein Hals ist warm, ich gehe jetzt zu Bett",
        "my left temple was needled 40 minutes",
        "I can not see any change",
        "",
    ],
)
def test_ordinary_words_name_no_sign(text):
    assert not found(text)


@pytest.mark.parametrize("text", ["😱😱", "Saç derim kızardı", "no puedo respirar", "头皮很红", "????", "xqzt", "12"])
def test_what_cannot_be_read_by_rule_is_for_a_person(text):
    assert not RUNNING.search(text).is_read


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "It is a bit sore and itches",
        "Kopf juckt",
        "Die Kopfhaut ist leicht gerötet und spannt",
        "much better today",
        "<b>red</b> and sore on the side",
    ],
)
def test_the_languages_of_the_clinic_are_read(text):
    assert RUNNING.search(text).is_read


def test_the_words_of_a_pair_must_stand_near_each_other():
    assert "chest" in found("a pain that went to my chest")
    assert "chest" not in found("my chest is fine and so is all else but there is still some slight pain")


def test_a_very_long_text_takes_no_time():
    text = " ".join(f"word{number}" for number in range(500)) + " pus"
    begun = time.process_time()
    assert found(text) == {"pus"}
    assert time.process_time() - begun < 2


def test_more_words_never_take_a_sign_away():
    assert found("there is pus") <= found("there is pus and nothing else, all is well, no pain")


def test_a_sign_without_words_is_refused():
    with pytest.raises(ValueError, match="no words for pus"):
        read('version = "1"\n[signs.pus]\nen = [""]\n[common]\nen = "a"')
