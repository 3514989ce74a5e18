"""Centring: a query's vector without half of what the vectors of all queries have in common.

The local model puts all queries into a narrow cone. The part of a vector that says no more than that it is a
query's lies near to short messages, questions above all, which then come up whatever is asked. Measured with
it (`make bench-search`), relevant messages move up across languages and in paraphrases; half of it is between
too little, which changes nothing, and all, which costs exact words. Of other models it is not known.
"""

import math
from collections.abc import Sequence

SHARE = 0.5

ORDINARY_QUERIES = (
    "коли буде зустріч?",
    "хто за це відповідає?",
    "чому не працює?",
    "де лежить документ",
    "що вирішили вчора",
    "як це налаштувати?",
    "скільки це коштує",
    "проблема з доступом",
    "новий графік роботи",
    "помилка під час входу",
    "куди писати про відпустку",
    "результати перевірки",
    "коли це виправлять?",
    "план на наступний місяць",
    "хто може допомогти?",
    "when is the deadline?",
    "who is responsible for this?",
    "why does it fail",
    "where can I find the file",
    "what did we decide",
    "how do I set this up?",
    "how much does it cost",
    "access problem",
    "new schedule",
    "error on login",
    "customer complaint",
    "test results",
    "who approved the budget",
    "next steps",
    "password reset",
    "когда встреча?",
    "кто за это отвечает?",
    "почему не работает",
    "где лежит документ",
    "что решили вчера",
    "как это настроить?",
    "сколько это стоит",
    "проблема с доступом",
    "новый график",
    "ошибка при входе",
    "жалоба клиента",
    "результаты проверки",
    "кто согласовал бюджет",
    "план на следующий месяц",
    "что делать дальше",
)
"""About nothing in particular: what their vectors have in common, all queries have."""


def mean_of(vectors: Sequence[Sequence[float]]) -> list[float]:
    """The mean of vectors of one length, of which there is at least one."""
    return [math.fsum(numbers) / len(vectors) for numbers in zip(*vectors, strict=True)]


def centred(vector: Sequence[float], common: Sequence[float] | None) -> list[float]:
    """A query's vector without `SHARE` of what all have in common, of unit length; None takes nothing."""
    if common is None:
        return list(vector)
    moved = [number - SHARE * shared for number, shared in zip(vector, common, strict=True)]
    length = math.hypot(*moved)
    return [number / length for number in moved] if length > 0 else list(vector)
