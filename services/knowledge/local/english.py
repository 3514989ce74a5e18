"""English words without a dictionary: contractions, and what an ending makes of a word."""

from functools import lru_cache

_IRREGULAR = """
be: is are was were am been being
have: has had having
do: does did done doing
go: goes went gone
get: got gotten
make: made
take: took taken
give: gave given
come: came
become: became
see: saw seen
find: found
think: thought
tell: told
say: said
know: knew known
keep: kept
leave: left
lose: lost
send: sent
build: built
buy: bought
bring: brought
catch: caught
choose: chose chosen
break: broke broken
freeze: froze frozen
fall: fell fallen
feel: felt
write: wrote written
rewrite: rewrote rewritten
run: ran
begin: began begun
drop: dropped
hold: held
hide: hid hidden
hit: hit
pay: paid
lay: laid
meet: met
mean: meant
need: needed
read: read
rise: rose risen
sell: sold
sit: sat
set: set
show: shown
speak: spoke spoken
spend: spent
stand: stood
steal: stole stolen
stick: stuck
swap: swapped
teach: taught
tear: tore torn
throw: threw thrown
understand: understood
wake: woke woken
wear: wore worn
win: won
sink: sank sunk
shrink: shrank shrunk
grow: grew grown
blow: blew blown
draw: drew drawn
drive: drove driven
eat: ate eaten
forget: forgot forgotten
shut: shut
spill: spilt
burn: burnt
dry: dried
try: tried
man: men
child: children
person: people
"""
_FORMS = {
    form: line.split(":")[0]
    for line in _IRREGULAR.strip().splitlines()
    for form in line.split(":")[1].split()
}
_PAST_OF = frozenset(
    form
    for form in _FORMS
    if not form.endswith(("ing", "s")) and form not in {"am", "are", "men", "children", "people", "read"}
)
_NOT = {"can't": "can", "cannot": "can", "won't": "will", "shan't": "shall", "ain't": "be"}
_ENDINGS = {"'ll": "will", "'ve": "have", "'re": "are", "'m": "am", "'d": "would", "'s": "'s"}
_SHORTEST = 4


def contraction(word: str) -> tuple[str, ...] | None:
    """The two words of a contraction (`don't` is `do` and `not`), or None when it is none."""
    if word in _NOT:
        return _NOT[word], "not"
    if word == "let's":
        return "let", "us"
    if word.endswith("n't"):
        return word[:-3], "not"
    for ending, full in _ENDINGS.items():
        if word.endswith(ending) and len(word) > len(ending):
            return word[: -len(ending)], full
    return None


def is_english_past(word: str) -> bool:
    """Whether a word can be a past form."""
    return word in _PAST_OF or (len(word) > _SHORTEST and word.endswith("ed") and not word.endswith("eed"))


@lru_cache(maxsize=1 << 14)
def english_lemmas(word: str) -> frozenset[str]:
    """What a word can be a form of; the right one is among them, nonsense may be too."""
    lemmas = {word}
    if word in _FORMS:
        lemmas.add(_FORMS[word])
    if len(word) < _SHORTEST:
        return frozenset(lemmas)
    if word.endswith(("ies", "ied")):
        lemmas.add(word[:-3] + "y")
    elif word.endswith("es"):
        lemmas |= {word[:-1], word[:-2]}
    elif word.endswith("s") and not word.endswith("ss"):
        lemmas.add(word[:-1])
    for ending in ("ing", "ed"):
        if word.endswith(ending) and len(word) > len(ending) + 2:
            stem = word[: -len(ending)]
            lemmas |= {stem, stem + "e"}
            if stem[-1] == stem[-2]:
                lemmas.add(stem[:-1])
    return frozenset(lemmas)
