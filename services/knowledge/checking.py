"""Whether messages that were edited still have the words that atoms quote of them."""

from collections.abc import Sequence

from services.knowledge.repository.checking import Checked, keep_checked, quotes_of
from shared.contracts.ingestion import MessageText
from shared.contracts.knowledge import EntityChanged
from shared.evidence.citations import find_quote
from shared.messaging.messages import texts_of
from shared.messaging.transaction import transaction


async def check_citations(message_ids: Sequence[int]) -> None:
    """Say of each quote of these messages whether it still stands in the text.

    Raises:
        QueryError: `unavailable`, when ingestion does not answer.
    """
    texts = {text.id: text for text in await texts_of(sorted(set(message_ids)))}
    async with transaction() as tx:
        cited = await quotes_of(tx, list(texts))
        checked = [
            Checked(
                each.id, stale=not _stands(texts[each.message_id], each.quote), text=texts[each.message_id]
            )
            for each in cited
        ]
        for atom_id in await keep_checked(tx, checked):
            tx.publish(EntityChanged(entity="atom", entity_id=atom_id, change="edited"))


def _stands(message: MessageText, quote: str) -> bool:
    return message.has_text and find_quote(message.text, quote) is not None
