"""What messages are worth, in the words people use."""

import json
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.scoring.assessment import assess
from services.scoring.classes import Context, MessageClass
from services.scoring.factors import CONTEXT_REACH

ANY_CONTEXT = st.builds(
    Context,
    age_seconds=st.none() | st.floats(allow_nan=True, allow_infinity=True),
    author_messages=st.integers(-5, 10_000),
    author_signals=st.integers(-5, 10_000),
    author_noise=st.integers(-5, 10_000),
    topic_similarity=st.none() | st.floats(allow_nan=True, allow_infinity=True),
    kind=st.sampled_from(["text", "photo", "sticker", "service", "something new"]),
    is_reply=st.booleans(),
    is_forward=st.booleans(),
)
BEST = Context(age_seconds=0, author_messages=100, author_signals=100, topic_similarity=1.0, is_reply=True)
WORST = Context(age_seconds=1e9, author_messages=100, author_noise=100, topic_similarity=0.0, is_forward=True)
ROUNDING = 0.0005

NOISE = [
    "", "👍", "😂😂😂", "🎉 🎉", "+", "+1", "++", "[sticker]", "[animation]",
    "ок", "Окей", "ok", "okaaay", "k", "згоден", "согласен", "agreed", "так", "ні", "да", "нет",
    "Дякую!", "дякс", "спс", "thanks", "Thank you all", "спасибо большое", "djakuju",
    "привіт всім", "Доброго ранку", "доброе утро", "good morning", "ghbdsn",
    "ахаха", "хахахах", "lol", "лол nice one", "як справи?", "как дела?", "how are you?",
    "З днем народження! 🥳", "happy birthday", "на обіді", "щас", "секунду",
]  # fmt: skip
SIGNAL = [
    "Вирішили: переходимо на Postgres 18 до п'ятниці",
    "We decided to move billing to Stripe by Friday",
    "Решили катить релиз в пятницу, тесты зелёные",
    "Прод впав після деплою 2.14.1, помилка 500 на /api/orders",
    "Після оновлення бібліотеки в нас тече пам'ять у воркерах, рестарт щогодини",
    "треба додати індекс на orders.user_id, бо запит 4 секунди",
    "Fix: clear the Redis cache before deploy, otherwise old sessions stay",
    "хто знає чому падає CI на main?",
    "The token endpoint returns 401 for every refresh since the key rotation",
]


@pytest.mark.parametrize("text", NOISE)
def test_chatter_is_noise_whoever_wrote_it(text: str) -> None:
    assert assess(text).message_class is MessageClass.NOISE
    assert assess(text, BEST).message_class is MessageClass.NOISE


@pytest.mark.parametrize("text", SIGNAL)
def test_decisions_problems_and_their_solutions_are_signals_whoever_wrote_them(text: str) -> None:
    assert assess(text).message_class is MessageClass.SIGNAL
    assert assess(text, WORST).message_class is MessageClass.SIGNAL


@pytest.mark.parametrize("text", ["Хто може глянути?", "https://example.com/a", "я ще дивлюсь на це"])
def test_what_only_hints_at_something_is_between(text: str) -> None:
    assert assess(text).message_class is MessageClass.WEAK_SIGNAL


def test_words_are_matched_as_words() -> None:
    """`ok` stands in `token`, and `та` in `таблиця`; neither makes the message an acknowledgement."""
    inside = assess("token таблиця").factors
    alone = assess("ok та").factors
    informative = {
        name: factor.detail["informative"] for name, factor in _named(inside).items() if name == "length"
    }
    assert informative == {"length": 2}
    assert _named(alone)["length"].detail["informative"] == 0


@pytest.mark.parametrize("part", ["tune", "held_out"])
def test_it_agrees_with_nine_labels_in_ten(part: str) -> None:
    labelled = json.loads(Path(__file__).with_name("labelled_messages.json").read_text(encoding="utf-8"))[
        part
    ]
    right = sum(assess(item["text"]).message_class == item["label"] for item in labelled)
    assert right / len(labelled) >= 0.9


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("sticker", MessageClass.NOISE),
        ("service", MessageClass.NOISE),
        ("animation", MessageClass.NOISE),
        ("document", MessageClass.WEAK_SIGNAL),
        ("poll", MessageClass.WEAK_SIGNAL),
    ],
)
def test_media_without_a_caption_score_by_their_kind(kind: str, expected: MessageClass) -> None:
    without = assess("", Context(kind=kind))
    assert without.message_class is expected
    assert without == assess(f"[{kind}]")
    assert [factor.name for factor in without.factors] == ["media"]


def test_a_caption_is_scored_as_text() -> None:
    caption = SIGNAL[3]
    assert assess(caption, Context(kind="photo")) == assess(caption, Context(kind="text"))


@given(text=st.text(max_size=400), context=ANY_CONTEXT)
def test_a_score_is_a_score_whatever_comes(text: str, context: Context) -> None:
    found = assess(text, context)
    assert 0.0 <= found.score <= 1.0
    assert found == assess(text, context)
    assert all(0.0 <= factor.value <= 1.0 for factor in found.factors)
    json.dumps(found.as_json(), allow_nan=False)


@given(text=st.sampled_from(NOISE + SIGNAL) | st.text(max_size=200), context=ANY_CONTEXT)
def test_context_only_shifts(text: str, context: Context) -> None:
    alone, within = assess(text), assess(text, context)
    if [factor.name for factor in within.factors] != ["media"]:
        assert abs(alone.score - within.score) <= CONTEXT_REACH + ROUNDING


@given(text=st.sampled_from(SIGNAL))
def test_the_contributions_sum_to_the_score(text: str) -> None:
    found = assess(text)
    total = sum(factor.contribution for factor in found.factors)
    assert found.score == pytest.approx(min(1.0, max(0.0, total)), abs=ROUNDING)


@pytest.mark.parametrize(
    "text",
    [
        "а" * 1_000_000,
        "/" * 200_000,
        "a." * 100_000,
        "`" * 100_000,
        "@a" * 100_000,
        "́" * 100_000,
        "> цитата\n" * 50_000,
        "не працює " * 50_000,
    ],
    ids=["letters", "slashes", "dots", "ticks", "mentions", "accents", "quotes", "words"],
)
def test_no_text_takes_long(text: str) -> None:
    """The time is bounded by the part that is read, so the limit is far above it on any machine."""
    started = time.process_time()
    assess(text)
    assert time.process_time() - started < 2.0


def _named(factors: tuple) -> dict:  # type: ignore[type-arg]
    return {factor.name: factor for factor in factors}
