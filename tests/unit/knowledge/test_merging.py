"""What a merge moves and drops, and what may no longer be undone."""

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.knowledge.merging import (
    Link,
    MovedAtom,
    MovedTopic,
    Source,
    plan_atom_merge,
    plan_topic_merge,
    repoint,
)
from services.knowledge.undoing import (
    AtomMerge,
    atom_merge_builds_on,
    atom_merge_builds_on_topics,
    linked_atoms,
    topic_merge_builds_on,
    topic_merge_builds_on_atoms,
    undo_first,
)

KEPT, MERGED = 1, 2
NOON = datetime(2026, 10, 5, 12, tzinfo=UTC)


def source(number: int, atom_id: int, message_id: int = 7, quote: str = "так") -> Source:
    return Source(
        id=number,
        atom_id=atom_id,
        message_id=message_id,
        quote=quote,
        chat_id=1,
        author_id=None,
        author=None,
        sent_at=NOON,
        content_hash="aa",
        stale=False,
    )


def link(number: int, from_atom: int, to_atom: int, kind: Any = "supports") -> Link:
    return Link(
        id=number,
        from_atom=from_atom,
        to_atom=to_atom,
        type=kind,
        strength=0.5,
        run_id=None,
        created_by=None,
        created_at=NOON,
    )


def plan(kept: int = KEPT, merged: int = MERGED, **parts: Any) -> MovedAtom:
    nothing: dict[str, Any] = {
        "sources": [],
        "kept_topics": [],
        "merged_topics": [],
        "links": [],
        "superseded": [],
    }
    return plan_atom_merge(kept, merged, **(nothing | parts))


def merge(number: int, kept: int = KEPT, merged: int = MERGED, **parts: Any) -> AtomMerge:
    return AtomMerge(id=number, kept_id=kept, merged_id=merged, moved=plan(kept, merged, **parts))


def test_quotes_go_over_and_those_that_both_have_are_remembered() -> None:
    moved = plan(
        sources=[
            source(1, KEPT),
            source(2, MERGED),
            source(3, MERGED, quote="ні"),
            source(4, MERGED, message_id=8),
        ]
    )
    assert moved.sources == [3, 4]
    assert [(dropped.row.id, dropped.for_id) for dropped in moved.dropped_sources] == [(2, 1)]


def test_topics_go_over_and_those_that_both_are_in_are_remembered() -> None:
    moved = plan(kept_topics=[5, 6], merged_topics=[6, 7])
    assert (moved.topics, moved.shared_topics) == ([7], [6])


def test_links_go_over_at_either_end() -> None:
    moved = plan(links=[link(1, MERGED, 9), link(2, 9, MERGED), link(3, KEPT, 8)])
    assert [each.id for each in moved.links] == [1, 2]
    assert moved.dropped_links == []


def test_a_link_between_the_two_is_dropped_and_remembered() -> None:
    moved = plan(links=[link(1, MERGED, KEPT), link(2, KEPT, MERGED, "refines")])
    assert [(dropped.row.id, dropped.for_id) for dropped in moved.dropped_links] == [(1, None), (2, None)]
    assert moved.links == []


def test_a_link_that_the_kept_one_has_too_is_dropped_and_remembered() -> None:
    moved = plan(
        links=[link(1, KEPT, 9), link(2, MERGED, 9), link(3, MERGED, 9, "refines"), link(4, 9, MERGED)]
    )
    assert [(dropped.row.id, dropped.for_id) for dropped in moved.dropped_links] == [(2, 1)]
    assert [each.id for each in moved.links] == [3, 4]


def test_what_was_moved_is_read_back_as_it_was_kept() -> None:
    moved = plan(
        sources=[source(1, KEPT), source(2, MERGED)],
        kept_topics=[6],
        merged_topics=[6, 7],
        links=[link(1, KEPT, 9), link(2, MERGED, 9), link(3, MERGED, KEPT), link(4, 8, MERGED)],
        superseded=[4],
    )
    assert msgspec.convert(msgspec.to_builtins(moved), MovedAtom) == moved


ENDS = st.tuples(st.integers(1, 5), st.integers(1, 5), st.sampled_from(["supports", "refines"]))


@given(st.sets(ENDS.filter(lambda ends: ends[0] != ends[1])))
def test_after_a_merge_no_link_is_double_or_leads_to_itself_and_all_are_accounted_for(
    ends: set[tuple[int, int, Any]],
) -> None:
    links = [link(number, *each) for number, each in enumerate(sorted(ends), start=1)]
    touching = [each for each in links if {KEPT, MERGED} & {each.from_atom, each.to_atom}]
    moved = plan(links=touching)
    gone = {dropped.row.id for dropped in moved.dropped_links}
    after = [repoint(each, MERGED, KEPT) for each in links if each.id not in gone]

    assert len({(each.from_atom, each.to_atom, each.type) for each in after}) == len(after)
    assert all(each.from_atom != each.to_atom for each in after)
    assert all(MERGED not in (each.from_atom, each.to_atom) for each in after)
    accounted = gone | {each.id for each in moved.links}
    assert accounted == {each.id for each in links if MERGED in (each.from_atom, each.to_atom)}


@given(st.sets(st.integers(1, 9)), st.sets(st.integers(1, 9)))
def test_a_merge_of_topics_accounts_for_each_atom_of_the_merged_one(kept: set[int], merged: set[int]) -> None:
    moved = plan_topic_merge(kept, merged)
    assert set(moved.atoms) | set(moved.shared_atoms) == merged
    assert set(moved.shared_atoms) == kept & merged


def test_the_atoms_around_a_merge_are_those_at_the_other_ends() -> None:
    found = linked_atoms(merge(1, links=[link(1, MERGED, 9), link(2, MERGED, KEPT), link(3, 8, MERGED)]))
    assert found == {8, 9}


EARLIER = merge(
    1,
    sources=[source(11, MERGED)],
    merged_topics=[7],
    links=[link(21, MERGED, 9), link(22, KEPT, 8), link(23, MERGED, 8)],
)


@pytest.mark.parametrize(
    "later",
    [
        pytest.param(
            merge(2, merged=3, sources=[source(11, KEPT), source(12, 3)]),
            id="a quote yielded to one that was moved",
        ),
        pytest.param(
            merge(2, merged=3, kept_topics=[7], merged_topics=[7]), id="a topic yielded to one that was moved"
        ),
        pytest.param(
            merge(2, merged=3, links=[link(21, KEPT, 9), link(24, 3, 9)]),
            id="a link yielded to one that was moved",
        ),
        pytest.param(
            merge(2, kept=6, merged=9, links=[link(21, KEPT, 9), link(24, KEPT, 6)]),
            id="a moved link was dropped",
        ),
        pytest.param(merge(2, kept=6, merged=8), id="the other end of a dropped link was merged away"),
    ],
)
def test_a_later_merge_that_rests_on_what_was_moved_builds_on_it(later: AtomMerge) -> None:
    assert atom_merge_builds_on(later, EARLIER)


@pytest.mark.parametrize(
    "later",
    [
        pytest.param(merge(2, merged=3, sources=[source(13, 3)], merged_topics=[8]), id="it brought its own"),
        pytest.param(merge(2, kept=6, merged=9, links=[link(21, KEPT, 9)]), id="a moved link was moved on"),
        pytest.param(merge(2, kept=6, merged=5, kept_topics=[7], merged_topics=[7]), id="other atoms"),
    ],
)
def test_a_later_merge_beside_it_does_not(later: AtomMerge) -> None:
    assert not atom_merge_builds_on(later, EARLIER)


def test_an_atom_that_went_over_with_its_topic_and_was_merged_away_then_holds_the_topics_together() -> None:
    moved = MovedTopic(atoms=[1], shared_atoms=[2])
    assert atom_merge_builds_on_topics(merge(2, kept=5, merged=1), 30, moved)
    assert atom_merge_builds_on_topics(merge(2, kept=5, merged=2), 30, moved)
    assert not atom_merge_builds_on_topics(merge(2, kept=5, merged=6), 30, moved)


def test_an_atom_that_went_over_with_its_topic_and_took_one_of_the_kept_topic_over_does_so_too() -> None:
    moved = MovedTopic(atoms=[1], shared_atoms=[])
    taken_over = merge(2, kept=1, merged=6, kept_topics=[30], merged_topics=[30])
    assert atom_merge_builds_on_topics(taken_over, 30, moved)
    assert not atom_merge_builds_on_topics(taken_over, 31, moved)


def test_merges_into_one_topic_rest_on_each_other_where_they_brought_the_same_atom() -> None:
    earlier = MovedTopic(atoms=[1, 2], shared_atoms=[3])
    assert topic_merge_builds_on(MovedTopic(atoms=[4], shared_atoms=[2]), earlier)
    assert not topic_merge_builds_on(MovedTopic(atoms=[4], shared_atoms=[3]), earlier)


def test_a_merge_of_topics_rests_on_a_merge_of_atoms_that_brought_the_atom_into_the_kept_one() -> None:
    earlier = merge(1, merged_topics=[7])
    assert topic_merge_builds_on_atoms(7, MovedTopic(atoms=[], shared_atoms=[KEPT]), earlier)
    assert not topic_merge_builds_on_atoms(8, MovedTopic(atoms=[], shared_atoms=[KEPT]), earlier)
    assert not topic_merge_builds_on_atoms(7, MovedTopic(atoms=[KEPT], shared_atoms=[]), earlier)


def test_the_refusal_says_which_merge_to_undo_first() -> None:
    refusal = undo_first("topic", 14, kept_id=8, merged_id=3)
    assert refusal.code == "conflict"
    assert str(refusal) == (
        "Topic 3 was merged into topic 8 after that, which rests on this merge: undo merge 14 first."
    )
