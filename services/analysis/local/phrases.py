"""The fixed words around what is quoted. Everything else in a proposal of basic mode is a quote. Pure."""

import re
from collections.abc import Mapping

from services.analysis.local.asking import Asks
from services.analysis.local.cues import cues
from shared.contracts.analysis import Language

LEADS: Mapping[Language, Mapping[Asks, str]] = {
    "uk": {
        "trouble": "Виправити: ",
        "need": "Забезпечити: ",
        "promise": "Обіцяно: ",
        "decision": "Виконати рішення: ",
        "question": "З'ясувати: ",
    },
    "en": {
        "trouble": "Fix: ",
        "need": "See to it: ",
        "promise": "Promised: ",
        "decision": "Carry out: ",
        "question": "Answer: ",
    },
}
"""What is put before a title, by what it asks for."""

REASONS: Mapping[Language, Mapping[Asks, str]] = {
    "uk": {
        "trouble": "Проблема, про розв'язання якої в цій розмові не сказано.",
        "need": "Тут кажуть, що має бути, і не кажуть, що це зроблено.",
        "promise": "Тут обіцяють це зробити і не кажуть, що зробили.",
        "decision": "Рішення, про виконання якого в цій розмові не сказано.",
        "question": "Запитання, на яке в цій розмові немає відповіді.",
    },
    "en": {
        "trouble": "A problem, and nothing in this conversation says that it is solved.",
        "need": "They say what has to be, and not that it is done.",
        "promise": "Somebody promises it here, and nobody says that it is done.",
        "decision": "A decision, and nothing in this conversation says that it is carried out.",
        "question": "A question that this conversation does not answer.",
    },
}
TAKEN_UP: Mapping[Language, str] = {
    "uk": "Хтось за це береться.",
    "en": "Somebody takes it up.",
}
BASIC: Mapping[Language, str] = {
    "uk": "Базовий режим: знайдено за правилами, усе цитати.",
    "en": "Basic mode: found by rules, all of it quotes.",
}

_LABELS = re.compile(
    r"^(?:рішення|решение|decision|питання(?: новачка)?|запитання|вопрос|question|bug|баг|found|вимога"
    r"|требование|requirement|проблема|problem|одне питання|дії|ідея|идея|idea|нагадую|погана новина"
    r"|обратил[аи]? внимание|звернул[аи] увагу|звернув увагу|помітив|заметил)\s*:\s*",
    re.IGNORECASE,
)
_OPENING = re.compile(
    r"^(?:(?:так|ні|ок|окей|ага|добре|ой|ну|тоді|я тоді|отже|значить|да|нет|ладно|хорошо|тогда|значит"
    r"|yes|no|ok|okay|then|so|well)\b[\s,.!:;—–-]*|[^\w«\"'(\[@#/`]+)+",
    re.IGNORECASE,
)
_CLOSING = re.compile(r"[^\w»\"'\]?!%`)]+$|(?<=\w)\)+$")
_SAYS_WHAT_TO_DO = cues("""
^ треба, ^ потрібно, ^ слід, ^ варто, ^ вирішити, ^ показати, ^ додати, ^ зробити, ^ перевірити, ^ виправити
^ нужно, ^ надо, ^ решить, ^ показать, ^ добавить, ^ сделать, ^ проверить, ^ исправить, ^ додай, ^ зроби
^ перевір, ^ запиши, ^ постав, ^ додам, ^ зроблю, ^ перевірю, ^ блокуй, ^ add, ^ fix, ^ make, ^ write
^ check, ^ we need, ^ need to, ^ should, ^ must, ^ let s, ^ lets
""")


def title(words: str, asks: Asks, language: Language) -> str:
    """A title of somebody's words: as they are where they say what to do, else behind what is asked for."""
    bare = bare_words(words)
    if asks != "question" and _SAYS_WHAT_TO_DO.are_in(bare):
        return bare[0].upper() + bare[1:]
    return f"{LEADS[language][asks]}{bare}"


def bare_words(words: str) -> str:
    """Somebody's words without labels, without "ок, тоді" before and signs and smiles around them."""
    bare = _OPENING.sub("", _LABELS.sub("", words.strip()))
    closed = _CLOSING.sub("", bare) if bare.count("(") < bare.count(")") or "(" not in bare else bare
    return closed or words.strip()
