"""Cutting a message into words and marks (links, times, amounts, code).

Every repetition is bounded and the text is cut at `LONGEST_TEXT`, so the time is linear whatever the text is.
"""

import re
import unicodedata
from collections.abc import Iterator

LONGEST_TEXT = 8192
"""Characters of a message that are read; Telegram itself ends a message at 4096."""

_UNIT = (
    r"(?:%|°|\$|€|₴|£|[kкmм]\b|тис|тыс|млн|млрд|mln|грн|uah|usd|eur|дол|руб|євро|евро|баксів|баксов|"
    r"[mμмn]?[sс]\b|мсек|сек|sec|хв|мин|min|год\b|час|hours?|hrs?|h\b|дн[іяе]|дней|days?|weeks?|тиж|місяц|months?|"
    r"[kmgtкмгт]i?[bб]\b|gbit|mbit|px|rps|qps|fps|rpm|req|x\b|х\b|раз|times|шт|осіб|люд|користувач|юзер|users|"
    r"стор|сторін|рядк|rows|records|запис|files|файл|percent|відсот|процент|points?|sp\b)"
)
_FILE_TYPES = (
    "py|js|ts|tsx|jsx|go|rs|java|kt|rb|php|c|h|cpp|cs|sh|sql|yml|yaml|json|toml|ini|cfg|conf|env|md|txt|log|csv|"
    "xlsx?|docx?|pptx?|pdf|html|css|png|jpe?g|svg|zip|tar|gz|lock|xml|proto|tf|ipynb|apk|ipa|exe|dll|so"
)
_DOMAINS = (
    "com|org|net|io|dev|app|ai|co|me|ua|укр|ru|eu|pl|de|uk|info|gg|ly|edu|gov|xyz|site|online|cloud|tech"
)

_MARK = re.compile(
    rf"""
    \s?+(?:
    (?P<plain>[^\W\d_]{{1,60}}(?=[\s,!?;)]|\.\s|\.?\Z))
    |(?P<block>```[\s\S]{{0,{LONGEST_TEXT}}}?```)
    |(?P<code>`[^`\n]{{1,300}}`)
    |(?P<link>(?:https?://|www\.|t\.me/)\S{{1,2000}})
    |(?P<email>[\w.+-]{{1,64}}@[\w-]{{1,63}}(?:\.[\w-]{{1,63}}){{1,5}})
    |(?P<mention>@[A-Za-z]\w{{2,63}})
    |(?P<site>\b[a-z0-9-]{{1,63}}(?:\.[a-z0-9-]{{1,63}}){{0,4}}\.(?:{_DOMAINS})(?:/\S{{0,2000}}|\b(?![.\w])))
    |(?P<path>(?<![\w/])(?:~|\.{{0,2}})(?:/[\w.*{{}}:-]{{1,64}}){{2,20}}/?|(?<![\w/])/[a-z][\w-]{{2,64}}\b
        |[\w-]{{1,64}}(?:[./][\w-]{{1,64}}){{0,8}}\.(?:{_FILE_TYPES})\b(?![\w(])
        |(?<!\S)[.][a-z]{{2,12}}\b|(?<!\S)--[a-z][\w-]{{1,40}})
    |(?P<call>[A-Za-z_]\w{{0,63}}(?:\.\w{{1,63}}){{0,6}}\(\)
        |[a-z_]\w{{1,63}}(?:\.[a-z_]\w{{1,63}}){{2,6}}|\w{{1,63}}[=]\S{{1,100}})
    |(?P<issue>\#\d{{1,8}}\b|\b[A-Z]{{2,8}}-\d{{1,7}}\b)
    |(?P<agree>(?<![\w+])\++(?:1|\d00\d*)?(?![\w%,.+]))
    |(?P<time>\b\d{{1,2}}:\d\d(?::\d\d)?\b|\b\d{{1,2}}\s?(?:am|pm)\b)
    |(?P<date>\b\d{{4}}-\d\d-\d\d\b|\b\d{{1,2}}[./]\d{{1,2}}[./]\d{{2,4}}\b|\b[0-3]?\d\.[01]\d\b(?![%.\d]))
    |(?P<version>\bv\d{{1,4}}(?:\.\d{{1,5}}){{0,3}}\b|\b\d{{1,4}}(?:\.\d{{1,5}}){{2,3}}\b)
    |(?P<amount>[$€₴£]\s?\d[\d.,]{{0,15}}|\b\d[\d.,]{{0,15}}(?:\s?[-–]\s?\d[\d.,]{{0,15}})?\+?\s?{_UNIT})
    |(?P<number>\d[\d.,]{{0,15}})
    |(?P<word>[^\W\d_]\w{{0,200}}(?:['’ʼ‘`´-][^\W_]\w{{0,60}}){{0,5}}|_\w{{1,200}})
    )
    """,
    re.VERBOSE | re.IGNORECASE,
)
_QUOTED_LINE = re.compile(r"^[ \t]{0,8}>[^\n]*\n?", re.MULTILINE)
_COMBINING = re.compile("[\u0300-\u036f\u0483-\u0489]")
_PILED_UP = re.compile("([\u0300-\u036f\u0483-\u0489])[\u0300-\u036f\u0483-\u0489]+")


def readable(text: str) -> str:
    """What the author wrote: without quoted lines, letters composed, at most `LONGEST_TEXT` characters."""
    text = text[:LONGEST_TEXT]
    if _COMBINING.search(text):
        text = unicodedata.normalize("NFC", _PILED_UP.sub(r"\1", text))
    if ">" in text:
        own = _QUOTED_LINE.sub("", text)
        return own if own.strip() else text
    return text


def marks(text: str) -> Iterator[re.Match[str]]:
    """The words and marks of a text in their order.

    `lastgroup` names what each is; its own text is in that group, without the space before it. A `plain` word
    is a word too: the pattern only finds it sooner.
    """
    return _MARK.finditer(text)
