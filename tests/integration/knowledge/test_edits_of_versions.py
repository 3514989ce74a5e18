"""Edits that say which version they were made on: one made on an earlier one would lose what came since."""

import asyncio
from typing import Any

from services.knowledge.reviews.atoms import edit_atom
from services.knowledge.reviews.topics import edit_topic
from shared.contracts.atoms import EditAtom
from shared.contracts.errors import QueryError
from shared.contracts.topics import EditTopic
from tests.integration.knowledge.conftest import Run
from tests.integration.knowledge.people import atom, atom_now, refused, topic, topic_now


def test_edit_on_an_earlier_version_is_refused_and_leaves_no_trace(review: Run) -> None:
    async def scenario() -> tuple[Any, ...]:
        a_topic, an_atom = await topic("Реліз"), await atom()
        edits: dict[str, Any] = {"topic_id": a_topic.id, "by": "Олена", "version": 1}
        await edit_topic(EditTopic(**edits, description="Перша"))
        late_topic = await refused(edit_topic(EditTopic(**edits, description="Друга")))
        await edit_topic(EditTopic(**(edits | {"version": 2}), description="Третя"))
        edits = {"atom_id": an_atom.id, "by": "Олена", "version": 1}
        await edit_atom(EditAtom(**edits, title="Перша"))
        late_atom = await refused(edit_atom(EditAtom(**edits, title="Друга")))
        return late_topic, late_atom, await topic_now(a_topic.id), await atom_now(an_atom.id)

    late_topic, late_atom, a_topic, an_atom = review(scenario)
    for late in (late_topic, late_atom):
        assert (late.code, late.field) == ("conflict", "version")
        assert "it has version 2, and the change was made on 1" in late.message
    assert (a_topic.description, a_topic.version) == ("Третя", 3)
    assert (an_atom.title, an_atom.version) == ("Перша", 2)


def test_of_edits_made_at_once_on_one_version_one_holds(review: Run) -> None:
    async def scenario() -> list[Any]:
        made = await topic("Реліз")
        edits = [
            EditTopic(topic_id=made.id, by="Олена", description=f"{number}", version=1) for number in range(6)
        ]
        return await asyncio.gather(*map(edit_topic, edits), return_exceptions=True)

    assert sum(isinstance(result, QueryError) for result in review(scenario)) == 5
