"""Search of the API, by `client.search`."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Literal

from tasktracker.records.search import SearchItem, SearchItems
from tasktracker.resource import Resource, every


class Search(Resource):
    """Messages and atoms by meaning and by words."""

    def __call__(
        self,
        q: str,
        *,
        kind: Sequence[Literal["message", "atom"]] | None = None,
        chat_id: int | None = None,
        author_id: int | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        class_: Literal["noise", "weak_signal", "signal"] | None = None,
        type: Sequence[
            Literal["problem", "solution", "decision", "question", "insight", "pattern", "requirement"]
        ]
        | None = None,
        include_noise: bool | None = None,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> SearchItems:
        """Search messages and atoms.

        Messages and atoms, best first: by meaning (vectors) and by words (trigrams), in one ranking.

        `score` compares within one answer only; `parts` says what it is made of. `matches` are the ranges
        of `text`, in characters, where the query's words stand, `title_matches` those of `title`. A class
        leaves atoms out, a type leaves messages out. Noise is left out unless asked for. When the embedding
        provider does not answer, words alone decide and `degraded` says so; a search that was begun by
        meaning does not go on by words: its next page is 503 meanwhile.

        Args:
            q: What to look for, in any language, in your own words.
            kind: `message`, `atom`, or both when left out.
            chat_id: Only this chat: any id that it has or has had here.
            author_id: Only messages of this user.
            since: Only messages sent at or after this time; UTC when it has no zone.
            until: Only messages sent before this time; UTC when it has no zone.
            class_: Only messages of this class.
            type: Only atoms of these types.
            include_noise: Also noise, which is found by its words alone.
            cursor: `next_cursor` of the page before; absent for the first.
            limit: Items a page at the most.
        """
        return self._ask(
            "GET",
            "/api/v1/search",
            SearchItems,
            query={
                "q": q,
                "kind": kind,
                "chat_id": chat_id,
                "author_id": author_id,
                "since": since,
                "until": until,
                "class": class_,
                "type": type,
                "include_noise": include_noise,
                "cursor": cursor,
                "limit": limit,
            },
        )

    def iterate(
        self,
        q: str,
        *,
        kind: Sequence[Literal["message", "atom"]] | None = None,
        chat_id: int | None = None,
        author_id: int | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        class_: Literal["noise", "weak_signal", "signal"] | None = None,
        type: Sequence[
            Literal["problem", "solution", "decision", "question", "insight", "pattern", "requirement"]
        ]
        | None = None,
        include_noise: bool | None = None,
        limit: int | None = None,
    ) -> Iterator[SearchItem]:
        """All items of the search, page after page, each page asked for when it is needed."""
        return every(
            lambda cursor: self(
                q=q,
                kind=kind,
                chat_id=chat_id,
                author_id=author_id,
                since=since,
                until=until,
                class_=class_,
                type=type,
                include_noise=include_noise,
                limit=limit,
                cursor=cursor,
            )
        )
