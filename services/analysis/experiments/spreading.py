"""Which labelled messages an experiment takes, when there are more than it may have. Pure.

Topics take turns, so that rare ones are measured too; within a topic the order is by a digest of the
message's id, which favours no time and no author, and is the same whenever it is asked.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from itertools import zip_longest


def spread(labels: Mapping[int, int], topic_ids: Iterable[int]) -> Iterator[int]:
    """Messages in the order in which they are to be taken: one of each topic, then the next of each.

    Args:
        labels: Topics by their messages' ids.
        topic_ids: Whose messages are taken, in the order in which they take turns.
    """
    of_topic = defaultdict(list)
    for message_id in sorted(labels, key=_digest):
        of_topic[labels[message_id]].append(message_id)
    for turn in zip_longest(*(of_topic[topic_id] for topic_id in topic_ids)):
        yield from (message_id for message_id in turn if message_id is not None)


def _digest(message_id: int) -> bytes:
    return hashlib.sha256(str(message_id).encode()).digest()
