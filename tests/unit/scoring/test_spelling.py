import pytest

from services.scoring.spelling import fold, other_layout, transliterated, unmix, unstretched


@pytest.mark.parametrize(
    ("written", "folded"), [("П'ять", "пять"), ("Ёлка", "елка"), ("Ґанок", "ганок"), ("DON’T", "dont")]
)
def test_case_apostrophes_and_dots_are_folded(written: str, folded: str) -> None:
    assert fold(written) == folded


@pytest.mark.parametrize(
    ("mixed", "one_alphabet"), [("дoбре", "добре"), ("сode", "code"), ("hello", "hello"), ("так", "так")]
)
def test_lookalike_letters_are_brought_into_one_alphabet(mixed: str, one_alphabet: str) -> None:
    assert unmix(mixed) == one_alphabet


@pytest.mark.parametrize(
    ("stretched", "meant"), [("okaaay", "okay"), ("прривіт", "привіт"), ("cooool", "cool")]
)
def test_repeated_letters_are_taken_back(stretched: str, meant: str) -> None:
    assert meant in set(unstretched(stretched))


@pytest.mark.parametrize(("typed", "meant"), [("ghbdsn", "привіт"), ("ghbdtn", "привет"), ("руддщ", "hello")])
def test_the_wrong_keyboard_layout_is_read(typed: str, meant: str) -> None:
    assert meant in set(other_layout(typed))


@pytest.mark.parametrize(
    ("latin", "meant"), [("djakuju", "дякую"), ("pryvit", "привіт"), ("spasibo", "спасибо")]
)
def test_cyrillic_in_latin_letters_is_read(latin: str, meant: str) -> None:
    spellings = {fold(each) for each in transliterated(latin)}
    assert meant in spellings or meant.replace("и", "і") in spellings
