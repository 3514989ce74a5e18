"""Whole conversations of three teams: what a reader would take from them is taken, and the chatter is not."""

from collections.abc import Callable

from services.knowledge.answers import Conversation, Extraction
from tests.unit.knowledge.local.saying import conversation, types_at

Extract = Callable[[Conversation], Extraction]

LIBRARY = conversation(
    "Леся: добрий ранок, дівчата ☕",
    "Леся: Каталог з учора не показує нові надходження, читачі питають щохвилини",
    "Богдана > 2: ого",
    "Ростик: Знайшов: індексатор падає на книжках без ISBN, їх прийшло 340",
    "Ростик: Виправив, порожній ISBN тепер пропускається, каталог оновився",
    "Леся > 5: дякую, ти чарівник ❤️",
    "Богдана: А що робимо з книжками, які люди не повернули з весни?",
    "Леся > 7: Вирішили так: нагадування раз на тиждень, штраф не беремо",
    "Богдана: я б ще торт за кожну повернуту книжку давала 😂",
    "Ростик: Управління вимагає, щоб читацькі квитки видавали тільки за паспортом",
    "Леся: хто йде на каву?",
)
BIKES = conversation(
    "Tess: morning all",
    "Tess: The brake cable snapped on two rental bikes this weekend",
    "Omar > 2: oh no, everyone ok?",
    "Tess: Every time it rains for a week the cables rust through within a month",
    "Omar > 2: Replaced both with stainless ones, they hold now",
    "Tess: Do we swap the cables on all forty bikes or only on the coast ones?",
    "Omar > 6: Only the coast ones, the rest stay until autumn",
    "Jill: I ate the last banana, sue me",
    "Jill: heard the city may ban scooters, could be nonsense",
    "Tess: The insurer says every bike must be inspected at least twice a year",
)
LAB = conversation(
    "Марта: доброго ранку",
    "Марта: центрифуга зупиняється на 60% і показує error 7",
    "Sven > 2: I measured the supply: it drops to 190 V under load, the spec says 220",
    "Марта > 3: тоді підключаємо її до окремої лінії, стабілізатор не купуємо",
    "Кирилл: переключил на отдельную линию, двадцать запусков подряд без ошибок",
    "Sven: lovely, coffee's on me",
    "Марта: пробірки для партії Б мають бути тільки скляні, пластик дає фон",
    "Кирилл: хто бачив мою чашку? синя",
)


def test_a_library_in_ukrainian(extract: Extract) -> None:
    found = extract(LIBRARY)
    assert types_at(found, 2) == {"problem"}
    assert types_at(found, 4) <= {"problem", "insight"}
    assert types_at(found, 4)
    assert types_at(found, 5) == {"solution"}
    assert types_at(found, 7) == {"question"}
    assert types_at(found, 8) == {"decision"}
    assert types_at(found, 10) == {"requirement"}
    assert not any(types_at(found, number) for number in (1, 3, 6, 9, 11))
    assert 2 <= len(found.topics) <= 4


def test_a_bicycle_rental_in_english(extract: Extract) -> None:
    found = extract(BIKES)
    assert types_at(found, 2) == {"problem"}
    assert types_at(found, 4) == {"pattern"}
    assert types_at(found, 5) == {"solution"}
    assert types_at(found, 6) == {"question"}
    assert types_at(found, 7) == {"decision"}
    assert types_at(found, 10) == {"requirement"}
    assert not any(types_at(found, number) for number in (1, 3, 8, 9))
    assert any(link.type == "solves" for link in found.links)


def test_a_laboratory_in_three_languages(extract: Extract) -> None:
    found = extract(LAB)
    assert types_at(found, 2) == {"problem"}
    assert types_at(found, 3) == {"insight"}
    assert types_at(found, 4) == {"decision"}
    assert types_at(found, 5) == {"solution"}
    assert types_at(found, 7) == {"requirement"}
    assert not any(types_at(found, number) for number in (1, 6, 8))
