"""Where one sentence ends and the next begins, in the way people write in chats."""

import pytest

from services.knowledge.local.sentences import LONGEST_SENTENCE, sentences


def texts(message: str) -> list[str]:
    return [sentence.text for sentence in sentences(message)]


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("З 1,9 секунди до 4 мс. Непогано 😄", ["З 1,9 секунди до 4 мс.", "Непогано"]),
        ("версія 2.0.1 вийшла. далі 2.1", ["версія 2.0.1 вийшла.", "далі 2.1"]),
        ("40 тис. позицій за 20 хв. Тобто 35/с.", ["40 тис. позицій за 20 хв.", "Тобто 35/с."]),
        ("вул. Франка 5, ін. вхід", ["вул. Франка 5, ін. вхід"]),
        ("Call Mr. Smith, e.g. today. Then me", ["Call Mr. Smith, e.g. today.", "Then me"]),
        ("Look at https://a.b/c?d=1.2. It works", ["Look at https://a.b/c?d=1.2. It works"]),
        ("пиши на foo.py або olha@a.example.com, ок?", ["пиши на foo.py або olha@a.example.com, ок?"]),
        ("я думаю… а може й ні", ["я думаю… а може й ні"]),
        ("Додам XADD … MAXLEN 100. Далі видно", ["Додам XADD … MAXLEN 100.", "Далі видно"]),
        ("run fetch ... --all now. Then go", ["run fetch ... --all now.", "Then go"]),
        ("Що?! Так не буває!! Нехай", ["Що?!", "Так не буває!!", "Нехай"]),
        ('"а що?" спитав він. Так', ['"а що?" спитав він.', "Так"]),
        ("у підвалі на Подолі) пишу зі сходів", ["у підвалі на Подолі", "пишу зі сходів"]),
        ("візьми (якщо є) другий", ["візьми (якщо є) другий"]),
        ("restore() force-unwraps it", ["restore() force-unwraps it"]),
        ("готово ✅ далі пакуємо", ["готово", "далі пакуємо"]),
        ("перший рядок\nдругий рядок", ["перший рядок", "другий рядок"]),
        ("> цитата чужа\nмоя відповідь", ["моя відповідь"]),
        ("👍👍", []),
        ("...", []),
    ],
)
def test_sentences_end_where_people_end_them(message: str, expected: list[str]) -> None:
    assert texts(message) == expected


def test_items_of_a_list_know_what_announces_them() -> None:
    found = sentences("Вимоги клієнта:\n— до 300 мс;\n— звіт до восьмої\nДякую")
    assert [(each.text, each.heading) for each in found] == [
        ("до 300 мс;", "Вимоги клієнта:"),
        ("звіт до восьмої", "Вимоги клієнта:"),
        ("Дякую", ""),
    ]


@pytest.mark.parametrize("mark", ["- ", "— ", "• ", "1. ", "2) ", "☑ ", "☐ "])
def test_marks_of_a_list_are_no_part_of_its_items(mark: str) -> None:
    assert texts(f"План\n{mark}поклеїти коробки") == ["План", "поклеїти коробки"]


@pytest.mark.parametrize(
    "code",
    [
        "```\nif x: fail. Now!\n```",
        "SELECT * FROM books\nWHERE title ILIKE '%' || $1;",
        "if (x > 3) { return y; }",
    ],
)
def test_code_is_not_prose(code: str) -> None:
    assert texts(f"Дивлюся.\n{code}\nГотово.") == ["Дивлюся.", "Готово."]


def test_an_endless_sentence_is_cut_between_words() -> None:
    found = texts("слово " * 400)
    assert len(found) > 1
    assert all(len(text) <= LONGEST_SENTENCE for text in found)
    assert {word for text in found for word in text.split()} == {"слово"}
