"""What is asked about a batch: its messages in order, and what of the project has to do with them. Pure.

The same messages, project and known things make the same question, letter for letter: answers are cached.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from services.analysis.answers import (
    Batch,
    ChatLine,
    EarlierProposal,
    GivenAtom,
    GivenComponent,
    GivenLink,
    GivenProject,
    GivenRule,
    SimilarAtom,
)
from services.analysis.keywords import has_word, prepare
from services.analysis.tidying import cut
from shared.contracts.atoms import AtomRecord, QuotedAtoms
from shared.contracts.ingestion import MessageRecord
from shared.contracts.projects import Component, ProjectRecord
from shared.contracts.runs import RunSnapshot

_LONGEST_DESCRIPTION, _LONGEST_MEANING = 2000, 300
_MOST_TERMS, _MOST_KEYWORDS = 60, 20


@dataclass(frozen=True, slots=True)
class Known:
    """What a question tells beside the messages; nothing where it is not asked for, or not to be had.

    Attributes:
        atoms: Near to the messages.
        proposals: Approved before and near to them, numbered from 1.
    """

    atoms: tuple[SimilarAtom, ...] = ()
    proposals: tuple[EarlierProposal, ...] = ()


def question(
    messages: Sequence[MessageRecord], snapshot: RunSnapshot, known: Known, quoted: QuotedAtoms | None = None
) -> Batch:
    """The question about a batch.

    Args:
        messages: In the order sent.
        snapshot: What the run works with.
        known: What is told beside.
        quoted: Atoms of these messages, for rules; None for a model.
    """
    task = snapshot.task_config
    numbers = {message.id: number for number, message in enumerate(messages, start=1)}
    return Batch(
        language=snapshot.language,
        project=_project(snapshot.project, "\n".join(message.text for message in messages)),
        lines=_lines(messages),
        similar_atoms=list(known.atoms),
        earlier_proposals=list(known.proposals),
        details_schema=None if task is None else task.details_schema,
        atoms=[] if quoted is None else _atoms(quoted, numbers),
        links=[] if quoted is None else _links(quoted),
    )


def _lines(messages: Sequence[MessageRecord]) -> list[ChatLine]:
    numbers = {
        (message.chat.id, message.telegram_message_id): number
        for number, message in enumerate(messages, start=1)
    }
    return [
        ChatLine(
            number=number,
            chat=message.chat.title or "",
            thread=message.thread_id,
            author=message.author.name if message.author else "",
            sent_at=message.sent_at,
            text=message.text,
            reply_to=numbers.get((message.chat.id, message.reply_to_message_id or 0)),
        )
        for number, message in enumerate(messages, start=1)
    ]


def _project(project: ProjectRecord, said: str) -> GivenProject:
    """The project, of whose words only those are explained that are said: it may have thousands."""
    return GivenProject(
        name=project.name,
        description=cut(project.description, _LONGEST_DESCRIPTION),
        glossary=_terms(project.glossary, said),
        components=[_component(each, said) for each in project.components],
        priority_rules=[
            GivenRule(keywords=words[:_MOST_KEYWORDS], priority=rule.priority)
            for rule in project.priority_rules
            if (words := sorted(prepare(rule.keywords).found_in(said)))
        ],
    )


def _terms(glossary: Mapping[str, str], said: str) -> dict[str, str]:
    found = sorted(prepare(list(glossary)).found_in(said))[:_MOST_TERMS]
    return {word: cut(glossary[word], _LONGEST_MEANING) for word in found if glossary[word]}


def _component(component: Component, said: str) -> GivenComponent:
    if not has_word(said, [component.name, *component.keywords]):
        return GivenComponent(name=component.name)
    return GivenComponent(
        name=component.name,
        description=cut(component.description, _LONGEST_MEANING),
        keywords=component.keywords[:_MOST_KEYWORDS],
    )


def _atoms(quoted: QuotedAtoms, numbers: Mapping[int, int]) -> list[GivenAtom]:
    """Atoms with their quotes of the batch; what was superseded, or is solved elsewhere, is settled."""
    here = {atom.id for atom in quoted.atoms}
    solved = {link.to_atom for link in quoted.links if link.type == "solves" and link.from_atom not in here}
    return [_atom(atom, numbers, settled=_is_over(atom) or atom.id in solved) for atom in quoted.atoms]


def _is_over(atom: AtomRecord) -> bool:
    return atom.valid_to is not None or atom.superseded_by is not None


def _atom(atom: AtomRecord, numbers: Mapping[int, int], *, settled: bool) -> GivenAtom:
    return GivenAtom(
        id=atom.id,
        type=atom.type,
        title=atom.title,
        confidence=atom.confidence,
        approved=atom.status == "approved",
        quotes=[
            (numbers[cited.message_id], cited.quote)
            for cited in atom.citations
            if cited.message_id in numbers and not cited.stale
        ],
        topics=[topic.name for topic in atom.topics],
        settled=settled,
    )


def _links(quoted: QuotedAtoms) -> list[GivenLink]:
    return [
        GivenLink(source=link.from_atom, target=link.to_atom, type=link.type)
        for link in sorted(quoted.links, key=lambda link: link.id)
    ]
