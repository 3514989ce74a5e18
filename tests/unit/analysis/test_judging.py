"""How a new proposal stands to earlier ones, by meaning, words, messages and what its agent says."""

from typing import Any
from uuid import UUID

import pytest

from services.analysis.novelty.centring import centred, centres_of, cosine, language_of
from services.analysis.novelty.deciding import RELATED, RELATED_EXCERPTS, Earlier, Fresh, explain, judge
from services.analysis.novelty.reference import REFERENCE
from services.analysis.novelty.vectors import text_of
from services.analysis.novelty.wording import growth, overlap

TEXT = "Обмежити довжину стріму. Пам'ять Redis росте."
OTHER = "Замовити бейджі на конференцію. Їх ще немає в жодного."


def earlier(number: int, text: str = OTHER, meaning: float | None = 0.0, **given: Any) -> Earlier:
    defaults: dict[str, Any] = {"title": f"№ {number}", "status": "pending", "quotes": {}}
    return Earlier(id=UUID(int=number), text=text, meaning=meaning, **(defaults | given))


def told(*known: Earlier, **given: Any) -> tuple[str, int | None]:
    """The novelty of a new proposal, and which earlier one is meant."""
    defaults: dict[str, Any] = {"text": TEXT, "quotes": {1: ["росте без обмеження"]}}
    verdict = judge(Fresh(**(defaults | given)), known)
    return verdict.novelty, None if verdict.similar is None else verdict.similar.id.int


def test_what_nothing_is_near_to_is_new() -> None:
    assert told() == ("new", None)
    assert told(earlier(1, meaning=RELATED - 0.01), earlier(2, meaning=-0.4)) == ("new", None)


def test_the_nearest_of_those_that_are_near_enough_is_meant() -> None:
    known = [earlier(1, meaning=RELATED), earlier(2, meaning=0.9), earlier(3, meaning=0.6)]
    assert told(*known) == ("duplicate_of", 2)


def test_words_in_common_make_meanings_nearer() -> None:
    assert told(earlier(1, TEXT, RELATED - 0.2)) == ("duplicate_of", 1)


def test_pieces_of_chat_have_to_be_nearer() -> None:
    known = earlier(1, meaning=(RELATED + RELATED_EXCERPTS) / 2)
    assert told(known) == ("duplicate_of", 1)
    assert told(known, is_excerpt=True) == ("new", None)


def test_a_message_in_common_and_its_very_words_need_less_nearness() -> None:
    quotes = {
        "elsewhere": {9: ["інше"]},
        "message": {1: ["інше"]},
        "words": {1: ["пам'ять росте без обмеження"]},
    }
    needed = {
        name: next(
            place / 100 for place in range(100) if told(earlier(1, meaning=place / 100, quotes=each))[1]
        )
        for name, each in quotes.items()
    }
    assert needed["words"] < needed["message"] < needed["elsewhere"]


def test_what_quotes_only_what_was_quoted_before_adds_nothing_however_long_it_is() -> None:
    longer = (
        TEXT + " Також потрібен алерт на сімдесят відсотків, журнал на проді, копія щогодини й опис у вікі."
    )
    new = {"text": longer}
    assert told(earlier(1, TEXT, 0.8), **new) == ("update_of", 1)
    assert told(earlier(1, TEXT, 0.8, quotes={1: ["росте без обмеження"]}), **new) == ("duplicate_of", 1)


@pytest.mark.parametrize(
    "more",
    [
        "Обмежити довжину стріму ще й на проді.",
        "Limit the stream. It is done on staging, but still missing in production.",
        "Ограничить стрим. Осталось сделать это на проде.",
    ],
)
def test_who_goes_on_says_so(more: str) -> None:
    assert told(earlier(1, TEXT, 0.8), text=more) == ("update_of", 1)


def test_the_one_that_the_agent_names_is_meant_before_a_nearer_one() -> None:
    known = [earlier(1, meaning=0.95), earlier(2, meaning=0.01)]
    assert told(*known, repeats=UUID(int=2))[1] == 2


def test_without_vectors_words_decide() -> None:
    assert told(earlier(1, TEXT, None)) == ("duplicate_of", 1)
    assert told(earlier(1, OTHER, None)) == ("new", None)
    assert judge(Fresh(TEXT, {}), [earlier(1, TEXT, None)]).similarity == 1.0


def test_the_reviewer_is_told_which_one_in_words() -> None:
    verdict = judge(Fresh(TEXT, {}), [earlier(1, TEXT, 0.931, status="rejected", title="Стрім")])
    assert explain(verdict, "uk") == "Повторює відхилену пропозицію «Стрім» (схожість 0.93)."
    assert explain(verdict, "en") == "Repeats the rejected proposal “Стрім” (similarity 0.93)."
    assert explain(judge(Fresh(TEXT, {}), []), "uk") == ""


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Обмежити довжину стріму", "uk"),
        ("Ограничить длину стрима, это срочно", "ru"),
        ("Limit the stream", "en"),
        ("Limit the stream, бо росте", "en"),
        ("", "ru"),
    ],
)
def test_the_language_of_a_text_is_told_by_its_letters(text: str, language: str) -> None:
    assert language_of(text) == language


def test_texts_are_seen_from_the_average_of_their_language() -> None:
    count = len(REFERENCE["uk"])
    directions = {"uk": [1.0, 0.1, 0.0], "ru": [1.0, 0.0, 0.1], "en": [1.0, 0.0, 0.0]}
    centres = centres_of([direction for direction in directions.values() for _ in range(count)])
    ukrainian = centred("Черга їде", [1.0, 0.1, 0.2], centres)
    english = centred("The queue", [1.0, 0.0, 0.3], centres)
    assert ukrainian is not None
    assert english is not None
    assert cosine(ukrainian, english) == pytest.approx(1.0)
    assert centred("The queue", [1.0, 0.0, 0.0], centres) is None


def test_words_are_alike_in_whatever_form_and_related_language() -> None:
    assert overlap("Виправити чергу на складі", "черга складу виправлена") > 0.6
    assert overlap("проверить черги склада", "перевірити чергу складу") > 0.5
    assert overlap("Замовити бейджі", "Обмежити стрім") < 0.2
    assert overlap("", "будь-що") == 0.0
    assert growth("Обмежити стрім", "Обмежити стрім, додати алерт, журнал") > 2


def test_the_fixed_words_of_basic_mode_are_not_compared() -> None:
    assert text_of("Виправити: каса не друкує", "Ірина: каса не друкує чек") == text_of(
        "Fix: каса не друкує", "Олег: каса не друкує чек"
    )
