"""Whether a sentence can be understood by itself: what it would say to one who reads nothing else."""

import re

from services.knowledge.local.dialogue import Unit
from services.knowledge.local.evidence import is_elliptic
from services.knowledge.local.morphology import cyrillic_language, readings
from services.knowledge.local.phrases import PREPOSITIONS
from services.knowledge.local.words import Word

ENOUGH = 3
"""Words of matter, figures and terms: a statement of fewer needs what it answers."""

_WISHES = """
відпочити відпочивати виспатися висипатися триматися берегти одужати одужувати видихнути видихати
отдохнуть отдыхать выспаться высыпаться держаться беречь поправляться выздоравливать выдохнуть
rest relax sleep enjoy hang breathe
"""
_WISHED = frozenset(_WISHES.split())
"""What people tell each other to do out of kindness."""

_REMARKS = """
інсайт думка ідея спостереження зауваження питання запитання висновок новина знахідка відкриття аргумент
инсайт мысль идея наблюдение замечание вопрос вывод новость находка открытие аргумент
insight idea thought observation remark point question conclusion news find catch discovery argument
"""
_REMARK = frozenset(_REMARKS.split())
_POINTING = frozenset(["це", "оце", "то", "ото", "ось", "это", "вот", "this", "that", "it", "what"])
_DATES = """
понеділок вівторок середа четвер п'ятниця субота неділя січень лютий березень квітень травень червень липень
серпень вересень жовтень листопад грудень понедельник вторник среда пятница суббота воскресенье январь февраль
март апрель май июнь июль август сентябрь октябрь ноябрь декабрь monday tuesday wednesday thursday friday
saturday sunday january february march april may june july august september october november december
"""
_DATED = frozenset(_DATES.split())
_QUOTATION = re.compile(r"«[^«»]*»|\"[^\"]*\"|“[^“”]*”|`[^`]*`")
_NO_CONTENT = frozenset({"function", "pronoun", "number", "mention", "link", "tag", "other"})
_BESIDE_A_WISH = 1
_LIGHT = frozenset({"name", "adv", "pronoun"})
_OF_REMARKS = frozenset({"adj", "adv", "pronoun", "en"})


def stands_alone(unit: Unit, kind: str) -> bool:
    """Whether a sentence says something to one who has not read what it answers.

    Args:
        unit: The sentence.
        kind: The type it was taken for.
    """
    if kind == "question":
        return not is_elliptic(unit)
    return not (is_wish(unit) or is_remark(unit) or _lacks_its_subject(unit))


def is_brief(unit: Unit) -> bool:
    """Whether it has fewer than `ENOUGH` words of matter, figures and terms; what is quoted counts once."""
    quoted = [match.span() for match in _QUOTATION.finditer(unit.sentence.text)]
    outside = [word for word in unit.words if not any(first <= word.start < last for first, last in quoted)]
    return sum(map(_substance, outside)) + len(quoted) < ENOUGH


def is_wish(unit: Unit) -> bool:
    """Whether it wishes a person well ("Іро, відпочинь") and says nothing else."""
    wished = [word for word in unit.words if word.forms & _WISHED and _tells(word, unit)]
    others = [word for word in unit.content if word not in wished and not word.marks & _LIGHT]
    return bool(wished) and len(others) <= _BESIDE_A_WISH


def is_remark(unit: Unit) -> bool:
    """Whether it says only what another statement is ("Оце інсайт", "this is a good point")."""
    if not (unit.words and unit.words[0].text in _POINTING):
        return False
    others = [word for word in unit.content if not word.forms & _REMARK]
    return len(others) < len(unit.content) and all(word.marks & _OF_REMARKS for word in others)


def _substance(word: Word) -> int:
    """A term counts twice: it says more than a word. Dates count, grammar though they are elsewhere."""
    if "number" in word.marks or word.forms & _DATED:
        return 1
    if word.marks & _NO_CONTENT or len(word.text) == 1:
        return 0
    return 2 if "technical" in word.marks else 1


def _tells(word: Word, unit: Unit) -> bool:
    """An imperative; in English, the first word."""
    return "imperative" in word.marks or ("en" in word.marks and word is unit.words[0])


def _lacks_its_subject(unit: Unit) -> bool:
    """Whether it says of something unnamed that it is done ("на staging включён, на проде — нет")."""
    language = cyrillic_language(unit.sentence.text)
    predicates = [word for word in unit.words if _is_short_participle(word, language)]
    return bool(predicates) and not any(
        _can_be_a_subject(word, unit.words[at - 1] if at else None, language)
        for at, word in enumerate(unit.words)
        if word not in predicates
    )


def _is_short_participle(word: Word, language: str) -> bool:
    """`включён`, `подняты`; neither `сделано` nor `відновлено`, which need no subject."""
    if word.marks & {"en", "number", "function"} or "passive" not in word.marks:
        return False
    found = readings(word.text, language)[0]
    return all("PRTS" in each.grammemes and "neut" not in each.grammemes for each in found)


def _can_be_a_subject(word: Word, before: Word | None, language: str) -> bool:
    if "verb" in word.marks:
        return True
    if before is not None and before.text in PREPOSITIONS:
        return False
    if word.marks & {"en", "number"}:
        return True
    return any(
        "nomn" in each.grammemes and each.grammemes & {"NOUN", "NPRO", "ADJF"}
        for each in readings(word.text, language)[0]
    )
