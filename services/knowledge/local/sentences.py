"""Cutting a message into sentences that can be quoted: each is a piece of its text, character for character.

Every repetition is bounded and looks at one line, so the time is linear whatever the text is.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

LONGEST_TEXT = 8192
"""Characters of a message that are read; Telegram itself ends a message at 4096."""

LONGEST_SENTENCE = 600
"""Characters; what runs on for longer is cut at a space."""

PICTOGRAM = re.compile(
    r"[\u2300-\u23ff\u25a0-\u27bf\u2b00-\u2bff\u3030\U0001f000-\U0001faff\ufe0e\ufe0f\u200d\u20e3]"
)
"""One character of a pictogram or of what varies it."""

_FENCED = re.compile(r"```[\s\S]{0,8192}?(?:```|\Z)")
_OPAQUE = re.compile(
    r"`[^`\n]{1,300}`|(?:https?://|www\.|t\.me/)\S{1,2000}|[\w.+-]{1,64}@[\w-]{1,63}\.\w{2,10}"
)
_LINE = re.compile(r"[^\n]+")
_ITEM = re.compile(
    r"[ \t]{0,16}(?:[-–—•*▪▫·☑☐✅✔]\ufe0f?[ \t]{1,4}|\(?\d{1,2}[.)][ \t]{1,4}|[а-яіa-z]\)[ \t]{1,4})"
)
_QUOTED = re.compile(r"[ \t]{0,8}>")
_END = re.compile(
    rf"(?P<stop>[.!?…]{{1,8}})(?P<closing>[\"»”’')\]]{{0,3}})(?=\s|\Z|{PICTOGRAM.pattern})"
    rf"|(?P<picture>{PICTOGRAM.pattern}{{1,40}})(?=\s)"
    r"|(?P<smile>\){1,20}|\({2,20})(?=\s)"
)
_CODE_LINE = re.compile(
    r"\s{0,16}(?:def|class|import|return|const|let|var|func|fn|public|private|if|for|while|try|except|\$|>>>|#!|Traceback|File)(?!\w)"
)
_SQL_LINE = re.compile(
    r"\s{0,16}(?:SELECT|INSERT INTO|UPDATE|DELETE FROM|FROM|WHERE|JOIN|LEFT JOIN|INNER JOIN"
    r"|CREATE (?:TABLE|INDEX)|ALTER TABLE|DROP|GROUP BY|ORDER BY|VALUES|OR|AND|SET)\s"
)
_CODE_SIGN = re.compile(r"[{}\[\];=<>$|\\()'\"*%+_/]")
_FEW_SIGNS = 4
_CYRILLIC_WORD = re.compile(r"[а-яіїєґ]{4}", re.IGNORECASE)

_INSIDE = """
вул ул просп ім проф доц напр т тобто див рис тел стор буд кв обл р-н ст стр им mr mrs ms dr vs e.g i.e
approx fig vol no inc
"""
_ELISION = frozenset({"…", "..."})
_GOES_ON = frozenset(_INSIDE.split())
"""Abbreviations that do not end a sentence, whatever follows."""

_AT_THE_END = """
тис тыс млн млрд грн руб коп хв мин сек год ч тиж нед міс мес р г шт ін інш др п д пр т.д т.п т.ін etc min
max
"""
_MAY_END = frozenset(_AT_THE_END.split())
"""Abbreviations that end a sentence when a capital letter follows."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """A piece of a message, `text == message[start:end]`.

    Attributes:
        heading: The sentence before the list whose item this is, or an empty string.
    """

    start: int
    end: int
    text: str
    heading: str = ""


def sentences(text: str) -> list[Sentence]:
    """The sentences of a message in their order, without code, quoted lines, list marks and pictograms.

    A sentence that ends with a colon and only announces the items after it is left to their `heading`.
    """
    text = _readable(text)
    found: list[Sentence] = []
    heading = ""
    for start, end, is_item in _lines(text):
        pieces = [
            Sentence(first, last, text[first:last], heading if is_item else "")
            for cut in _cuts(text, start, end)
            for first, last in _trimmed(text, *cut)
        ]
        if is_item and found and found[-1].text == heading and heading.endswith(":"):
            found.pop()
        if not is_item:
            heading = pieces[-1].text if pieces else ""
        found += pieces
    return found


def _readable(text: str) -> str:
    """As much of a text as is read: whole words."""
    if len(text) <= LONGEST_TEXT:
        return text
    head = text[:LONGEST_TEXT]
    return head if text[LONGEST_TEXT].isspace() else head[: max(head.rfind(" "), head.rfind("\n"), 0)]


def _lines(text: str) -> Iterator[tuple[int, int, bool]]:
    """Start and end of each line of prose, past its list mark, and whether it had one."""
    fenced = [match.span() for match in _FENCED.finditer(text)] if "```" in text else []
    for line in _LINE.finditer(text):
        start, end = line.span()
        if any(first < end and start < last for first, last in fenced):
            continue
        if _QUOTED.match(text, start, end) or _is_code(line[0]):
            continue
        mark = _ITEM.match(text, start, end)
        yield (mark.end() if mark else start), end, mark is not None


def _is_code(line: str) -> bool:
    """Whether a line is a program's or a query's, not a person's."""
    if _SQL_LINE.match(line) and not _CYRILLIC_WORD.search(line):
        return True
    signs = len(_CODE_SIGN.findall(line))
    if _CODE_LINE.match(line):
        return signs * 8 > len(line.strip()) or (line.rstrip().endswith((";", "{", "):", ",")) and signs > 1)
    letters = sum(character.isalpha() for character in line)
    return signs * 2 > letters and signs > _FEW_SIGNS and not _CYRILLIC_WORD.search(line)


def _cuts(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Where the sentences of one line start and end."""
    opaque = [match.span() for match in _OPAQUE.finditer(text, start, end)]
    begun = start
    for match in _END.finditer(text, start, end):
        inside = any(first <= match.start() < last for first, last in opaque)
        if not inside and _ends(text, begun, match, end):
            yield begun, match.end()
            begun = match.end()
    yield begun, end


def _ends(text: str, begun: int, match: re.Match[str], end: int) -> bool:
    if match["smile"]:
        opened = text.count("(", begun, match.start()) - text.count(")", begun, match.start())
        return match["smile"][0] == "(" or len(match["smile"]) > opened
    if match["picture"]:
        return True
    rest = text[match.end() : end].lstrip()[:1]
    if match["stop"] in _ELISION and rest and text[begun : match.start()][-1:].isspace():
        return False  # something is left out of what is quoted, and it goes on: `XADD … MAXLEN`
    if match["closing"] and rest.islower():
        return False  # a question within quotation marks, and the sentence goes on
    if match["stop"] == ".":
        return _full_stop(text[max(begun, match.start() - 16) : match.start()], rest)
    return "?" in match["stop"] or "!" in match["stop"] or not rest.islower()


def _full_stop(before: str, rest: str) -> bool:
    """Whether a full stop ends a sentence, and not an abbreviation, an initial or a number in a list."""
    parts = before.split()
    word = parts[-1].strip("(«\"'").lower() if parts else ""
    if word in _GOES_ON or (len(word) == 1 and word.isalpha() and word not in "яігчрдп"):
        return False
    return not (word in _MAY_END and rest.islower())


def _trimmed(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """A sentence without white space, pictograms and smiles at its ends, in pieces of bearable length."""
    while start < end and (text[start].isspace() or PICTOGRAM.match(text[start])):
        start += 1
    end = _without_tail(text, start, end)
    while end - start > LONGEST_SENTENCE:
        space = text.rfind(" ", start + 1, start + LONGEST_SENTENCE)
        if space < 0:  # no words, and half of one is no quote
            return
        yield start, space
        start = space + 1
    if any(character.isalnum() for character in text[start:end]):
        yield start, end


def _without_tail(text: str, start: int, end: int) -> int:
    opened = text.count("(", start, end) - text.count(")", start, end)
    while start < end:
        last = text[end - 1]
        if last == ")" and opened < 0:
            opened += 1  # a smile closes nothing
        elif not (last.isspace() or PICTOGRAM.match(last)):
            return end
        end -= 1
    return end
