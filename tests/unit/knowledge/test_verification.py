"""What of an answer is kept: nothing without a quote that holds, nothing of the prompt."""

from datetime import UTC, datetime
from typing import Any

from services.knowledge.answers import (
    ChatLine,
    Conversation,
    ExtractedAtom,
    ExtractedLink,
    ExtractedTopic,
    Extraction,
    Quote,
)
from services.knowledge.verification import Found, Proof, verify
from shared.evidence.leaks import Secrets

AT = datetime(2026, 10, 5, 9, 0, tzinfo=UTC)
LINES = (
    "Черга стоїть уже годину, обробник падає",
    "Перезапустив обробник,  черга пішла",
    "Вирішили: обробник перезапускаємо щоночі о 3:00",
)
PROMPT = "Write down what of it will still be worth knowing in a month, for people who did not read it."
SECRETS = Secrets.of([PROMPT])


def conversation(*texts: str, context: int = 0) -> Conversation:
    return Conversation(
        chat="Чергові",
        lines=[
            ChatLine(number=number, author="Олена", sent_at=AT, text=text, context=number <= context)
            for number, text in enumerate(texts or LINES, start=1)
        ],
    )


def atom(*quotes: tuple[int, str], **changed: Any) -> ExtractedAtom:
    given: dict[str, Any] = {
        "type": "problem",
        "topic": "Черга обробника",
        "title": "Черга стоїть",
        "content": "Обробник падає, черга стоїть уже годину.",
        "confidence": 0.9,
        "quotes": [Quote(message=number, text=text) for number, text in quotes],
    }
    return ExtractedAtom(**(given | changed))


def topic(name: str = "Черга обробника", confidence: float = 0.8, **changed: Any) -> ExtractedTopic:
    given = {"description": "Усе про чергу.", "icon": "📦"}
    return ExtractedTopic(name=name, confidence=confidence, **(given | changed))


def verified(
    *atoms: ExtractedAtom,
    topics: tuple[ExtractedTopic, ...] = (topic(),),
    links: tuple[ExtractedLink, ...] = (),
    asked: Conversation | None = None,
    basic_mode: bool = False,
) -> Found:
    answer = Extraction(topics=list(topics), atoms=list(atoms), links=list(links))
    return verify(answer, asked or conversation(), SECRETS, basic_mode=basic_mode)


def test_quote_is_kept_in_the_words_of_the_message() -> None:
    found = verified(atom((2, "Перезапустив обробник, черга пішла")))
    assert found.atoms[0].proofs == (Proof(2, "Перезапустив обробник,  черга пішла"),)
    assert (found.quotes_dropped, found.atoms_dropped) == (0, 0)


def test_invented_quotes_are_dropped_and_an_atom_without_another_one_with_them() -> None:
    found = verified(
        atom((1, "черга стоїть уже тиждень"), (1, "обробник падає")),
        atom((3, "Вирішили нічого не робити"), content="Вирішили нічого не робити."),
    )
    assert [each.proofs for each in found.atoms] == [(Proof(1, "обробник падає"),)]
    assert (found.quotes_dropped, found.atoms_dropped) == (2, 1)


def test_words_of_another_message_or_of_none_prove_nothing() -> None:
    found = verified(atom((2, "обробник падає"), (9, "обробник падає")))
    assert (found.atoms, found.topics) == ((), ())
    assert (found.quotes_dropped, found.atoms_dropped) == (2, 1)


def test_context_proves_nothing() -> None:
    found = verified(atom((1, "обробник падає")), asked=conversation(*LINES, context=1))
    assert (found.atoms, found.quotes_dropped) == ((), 1)


def test_same_words_given_twice_count_once_and_are_no_drop() -> None:
    found = verified(atom((1, "обробник падає"), (1, " обробник  падає")))
    assert found.atoms[0].proofs == (Proof(1, "обробник падає"),)
    assert found.quotes_dropped == 0


def test_same_atom_given_twice_is_one_with_the_quotes_of_both() -> None:
    found = verified(
        atom((1, "обробник падає")),
        atom((1, "Черга стоїть уже годину"), content="обробник падає, черга стоїть уже годину."),
        atom((3, "перезапускаємо щоночі о 3:00"), type="decision", content="Щоночі."),
        links=(ExtractedLink(source=3, target=2, type="solves", strength=0.8),),
    )
    assert [len(each.proofs) for each in found.atoms] == [2, 1]
    assert [(link.source, link.target) for link in found.links] == [(1, 0)]


def test_links_to_what_was_dropped_or_to_itself_go_with_it() -> None:
    found = verified(
        atom((1, "обробник падає")),
        atom((1, "вигадка"), content="Вигадка."),
        links=tuple(
            ExtractedLink(source=source, target=target, type="supports", strength=0.5)
            for source, target in ((1, 2), (2, 1), (1, 1), (1, 7))
        ),
    )
    assert found.links == ()


def test_topics_without_atoms_are_left_out_and_unproposed_ones_are_unsure() -> None:
    found = verified(
        atom((1, "обробник падає"), topic="  черга  ОБРОБНИКА "),
        atom((3, "Вирішили"), topic="Нічні роботи", content="Вирішили."),
        topics=(topic(), topic("Зайва тема")),
    )
    assert [(each.name, each.confidence) for each in found.topics] == [
        ("черга ОБРОБНИКА", 0.8),
        ("Нічні роботи", 0.5),
    ]


def test_basic_mode_is_never_surer_than_its_bound() -> None:
    found = verified(atom((1, "обробник падає")), basic_mode=True)
    assert (found.atoms[0].confidence, found.topics[0].confidence) == (0.6, 0.6)


def test_atoms_and_topics_that_repeat_the_prompt_are_refused_and_counted() -> None:
    leaked = "Note: WRITE down what of it will -- still be worth knowing in a month!"
    found = verified(
        atom((1, "обробник падає"), content=leaked),
        atom((1, "обробник падає"), title=leaked),
        atom((2, "черга пішла"), content="Черга пішла.", type="solution"),
        topics=(topic(description=leaked),),
    )
    assert [each.content for each in found.atoms] == ["Черга пішла."]
    assert found.refused == 3
    assert found.topics[0].description == ""


def test_who_says_words_of_the_prompt_in_the_chat_may_be_quoted() -> None:
    found = verified(atom((1, PROMPT), content=PROMPT), asked=conversation(PROMPT))
    assert (len(found.atoms), found.refused) == (1, 0)


def test_what_cannot_be_stored_is_cleaned() -> None:
    found = verified(
        atom((1, "обробник падає"), title="Черга\x00 стоїть\u0007", content=" a\x00b\ud800 "),
        atom((1, "обробник падає"), title=" \x00 "),
        topics=(topic(icon="queue"),),
    )
    (kept,) = found.atoms
    assert (kept.title, kept.content) == ("Черга стоїть", "a b\ufffd")
    assert found.topics[0].icon == "💬"
    assert found.atoms_dropped == 1


def test_topic_is_one_however_the_atoms_of_an_answer_spell_it() -> None:
    found = verified(
        atom((1, "обробник падає"), topic="Черга обробника"),
        atom((1, "Черга стоїть уже годину"), topic="черга  Обробника", content="Черга стоїть уже годину."),
    )
    assert [topic.name for topic in found.topics] == ["Черга обробника"]
    assert {each.topic for each in found.atoms} == {"Черга обробника"}
