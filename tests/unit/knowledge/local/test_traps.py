"""What looks like knowledge and is none, and what does not look like it and is: in three languages."""

from collections.abc import Callable

import pytest

from services.knowledge.answers import Conversation, Extraction
from tests.unit.knowledge.local.saying import conversation, types_at

Extract = Callable[[Conversation], Extraction]

NOTHING = {
    "greetings": (
        "Доброго ранку всім!",
        "Hi everyone, good morning ☀️",
        "Всем доброе утро, коллеги",
    ),
    "thanks": ("Дуже дякую, ти мене врятувала", "Thanks a lot, you saved my day", "Спасибо большое, выручил"),
    "acknowledgements": ("Ок, зрозуміла, приймаю", "got it, noted 👍", "ок, понял"),
    "personal decisions": (
        "вирішив поспати до обіду",
        "I've decided to sleep in tomorrow",
        "решила сегодня лечь пораньше",
    ),
    "personal problems": (
        "проблема в тому, що я хочу спати і їсти",
        "my real problem is that I need a nap",
        "проблема одна, я хочу в отпуск",
    ),
    "personal patterns": (
        "щоразу як сідаю на дієту, мама пече пироги",
        "every time I start a diet my mom bakes a cake",
        "каждый раз, когда сажусь на диету, мама печёт пироги",
    ),
    "lunch": ("хто йде на обід?", "anyone up for lunch?", "кто со мной на обед?"),
    "jokes": (
        "прод упав від щастя, тримайте мене 😂😂",
        "the server died of joy, I'm sure 😂",
        "сервер упал от счастья 😂😂",
    ),
    "sarcasm": (
        "ага, звісно, давайте ще по вертольоту кожному",
        "sure, and let's buy everyone a helicopter 🙄",
        "ага, конечно, давайте ещё по вертолёту каждому",
    ),
    "hearsay": (
        "кажуть, що їх сервіс теж падає щоразу, але це не точно",
        "I heard their service also crashes, could be nonsense",
        "говорят, у них сервис тоже падает, но это слухи",
    ),
    "hypotheses": (
        "якби в нас було більше людей, ми б колись усе переписали",
        "if only we had more people, we would rewrite it one day",
        "если бы было больше людей, мы бы когда-нибудь всё переписали",
    ),
    "where people are": (
        "буду за десять хвилин, затор",
        "running late, stuck in traffic",
        "буду через десять минут, пробка",
    ),
    "requests for a look": (
        "глянь, будь ласка, коли буде час",
        "please take a look when you can",
        "глянь, пожалуйста, когда сможешь",
    ),
}


@pytest.mark.parametrize(
    "text",
    [pytest.param(text, id=f"{name}-{text[:12]}") for name, texts in NOTHING.items() for text in texts],
)
def test_nothing_is_made_of(text: str, extract: Extract, extract_blindly: Extract) -> None:
    said = conversation(f"Olha: {text}")
    assert extract(said) == Extraction(topics=[], atoms=[], links=[])
    assert extract_blindly(said).atoms == []


@pytest.mark.parametrize(
    "line",
    [
        "Depot CI: ✅ main #1187 passed in 18m 42s: stock movements by ihor",
        "buildbot: Build failed: tests/test_reports.py::test_daily must be fixed",
        "Grafana: [FIRING] redis_up == 0 on cache-1, service is down",
        "Olha: [photo]",
        "Olha: https://example.com/docs/errors",
    ],
)
def test_machines_and_bare_attachments_say_nothing(line: str, extract: Extract) -> None:
    assert extract(conversation(line)).atoms == []


@pytest.mark.parametrize(
    "text",
    [
        "це не баг, у документації так і написано: шлях рахується від файлу",
        "it's not a bug, the docs say the path is relative to the file",
        "это не баг, в документации так и написано: путь считается от файла",
    ],
)
def test_what_is_no_bug_is_no_problem(text: str, extract: Extract, extract_blindly: Extract) -> None:
    said = conversation(f"Olha: {text}")
    assert "problem" not in types_at(extract(said), 1)
    assert "problem" not in types_at(extract_blindly(said), 1)


TYPES = {
    "problem": (
        "Після оновлення каса не друкує чеки, черга до дверей",
        "Since the update the till doesn't print receipts and people queue up",
        "После обновления касса не печатает чеки, очередь до дверей",
    ),
    "decision": (
        "Вирішили: друкуємо у Львові, тираж 500, Київ скасовуємо",
        "We decided to print in Lviv, 500 copies, and cancel Kyiv",
        "Решили: печатаем во Львове, тираж 500, Киев отменяем",
    ),
    "insight": (
        "Виявилось, що половина скарг від людей з однієї моделі телефону",
        "Turns out half of the complaints come from a single phone model",
        "Оказалось, что половина жалоб от людей с одной моделью телефона",
    ),
    "measurement": (
        "Заміряла: нова помпа качає 40 літрів за хвилину, стара качала 25",
        "Measured it: the new pump moves 40 litres a minute, the old one did 25",
        "Замерила: новая помпа качает 40 литров в минуту, старая качала 25",
    ),
    "pattern": (
        "Кожної п'ятниці після обіду зникає зв'язок зі складом",
        "Every Friday afternoon we lose the connection to the warehouse",
        "Каждую пятницу после обеда пропадает связь со складом",
    ),
    "requirement": (
        "Звіт має приходити не пізніше восьмої, інакше бухгалтерія його не прийме",
        "The report must arrive by eight at the latest or accounting won't take it",
        "Отчёт должен приходить не позже восьми, иначе бухгалтерия его не примет",
    ),
    "question": (
        "Хто відповідає за договір із друкарнею?",
        "Who is responsible for the contract with the printer?",
        "Кто отвечает за договор с типографией?",
    ),
}


@pytest.mark.parametrize(
    ("expected", "text"),
    [
        pytest.param("insight" if name == "measurement" else name, text, id=f"{name}-{text[:10]}")
        for name, texts in TYPES.items()
        for text in texts
    ],
)
def test_what_says_what_it_is_is_taken_for_that(
    expected: str, text: str, extract: Extract, extract_blindly: Extract
) -> None:
    said = conversation(f"Olha: {text}")
    assert types_at(extract(said), 1) == {expected}
    assert types_at(extract_blindly(said), 1) <= {expected}


def test_languages_mixed_in_one_sentence_are_understood(extract: Extract) -> None:
    found = extract(
        conversation(
            "Olha: після деплою webhook падає з timeout, orders висять у pending",
            "Ihor > 1: пофіксив, retry тепер з backoff, за останню годину 0 failed",
        )
    )
    assert types_at(found, 1) == {"problem"}
    assert types_at(found, 2) == {"solution"}


def test_a_hashtag_says_what_the_message_is(extract: Extract) -> None:
    found = extract(conversation("Olha: Доставка у п'ятницю, склад тримаємо до восьмої. #рішення"))
    assert [(atom.type, atom.title) for atom in found.atoms] == [
        ("decision", "Доставка у п'ятницю, склад тримаємо до восьмої"),
    ]


@pytest.mark.parametrize(
    "text", ["Українська розкладка?", "Друга коробка з поличок?", "Старая вкладка браузера?"]
)
def test_a_question_of_a_few_words_without_a_verb_cannot_be_understood_alone(
    text: str, extract: Extract
) -> None:
    found = extract(conversation("Olha: Вхід не працює, пише «невірний пароль»", f"Ihor > 1: {text}"))
    assert types_at(found, 2) == set()


@pytest.mark.parametrize(
    "text",
    [
        "Скільки місця лишилось на диску?",
        "Какая вкладка открыта у клиента?",
    ],
)
def test_one_with_a_word_that_asks_can(text: str, extract: Extract) -> None:
    assert types_at(extract(conversation(f"Olha: {text}")), 1) == {"question"}


@pytest.mark.parametrize(
    "said",
    [
        ("Olha: Архів за який рік віддаємо?", "Ihor > 1: за дві тисячі двадцятий, решту лишаємо"),
        ("Olha: Do we ship on Monday or on Thursday?", "Ihor > 1: Thursday, and only to the north"),
        ("Olha: Красим весь забор или только ворота?", "Ihor > 1: только ворота, забор весной"),
    ],
)
def test_what_settles_a_question_in_a_few_words_is_a_decision(
    said: tuple[str, str], extract: Extract
) -> None:
    assert types_at(extract(conversation(*said)), 2) == {"decision"}


@pytest.mark.parametrize(
    "text",
    [
        "Оце інсайт",
        "Оце справді цікаве спостереження",
        "This is a good point",
        "Это хорошая мысль",
        "Іро, відпочинь",
        "Тримайтеся там, колеги, бережіть себе",
        "Ира, отдыхай",
        "На складе включён, в офисе — нет",
        "По складах — ні",
        "Просто список «не прийнято складом»",
        "Рішення завтра до вечора",
    ],
)
def test_what_says_nothing_to_one_who_has_not_read_what_it_answers_is_left_out(
    text: str, extract: Extract, extract_blindly: Extract
) -> None:
    said = conversation("Olha: Половина кас не бачить принтер, чеки не йдуть, черга", f"Ihor > 1: {text}")
    assert types_at(extract(said), 2) == set()
    assert types_at(extract_blindly(said), 2) == set()


@pytest.mark.parametrize("text", ["Постав prefetch_count=50", "Виправив: prefetch тепер 50"])
def test_a_few_words_with_terms_and_figures_say_enough(text: str, extract: Extract) -> None:
    said = conversation("Olha: Один воркер забирає всі повідомлення, інші простоюють", f"Ihor > 1: {text}")
    assert types_at(extract(said), 2) == {"solution"}
