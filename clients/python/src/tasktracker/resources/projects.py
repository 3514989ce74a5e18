"""Projects of the API, by `client.projects`."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal
from uuid import UUID

from msgspec import UNSET, UnsetType

from tasktracker.records.common import Component, PriorityRule, ProjectRecord
from tasktracker.records.projects import ProjectPage
from tasktracker.resource import Resource, changed, every, given, segment


class Projects(Resource):
    """What a team works on: its chats, words, parts, and what is urgent."""

    def list(self, *, cursor: str | None = None, limit: int | None = None) -> ProjectPage:
        """List projects.

        Projects, by name.

        Args:
            cursor: `next_cursor` of the page before; absent for the first.
            limit: Items a page at the most.
        """
        return self._ask("GET", "/api/v1/projects", ProjectPage, query={"cursor": cursor, "limit": limit})

    def iterate(self, *, limit: int | None = None) -> Iterator[ProjectRecord]:
        """All items of `list`, page after page, each page asked for when it is needed."""
        return every(lambda cursor: self.list(limit=limit, cursor=cursor))

    def create(
        self,
        name: str,
        *,
        description: str | None = None,
        language: Literal["uk", "en"] | None = None,
        chat_ids: Sequence[int] | None = None,
        keywords: Sequence[str] | None = None,
        mentions: Sequence[str] | None = None,
        min_length: int | None = None,
        glossary: Mapping[str, str] | None = None,
        components: Sequence[Component] | None = None,
        priority_rules: Sequence[PriorityRule] | None = None,
        idempotency_key: str | None = None,
    ) -> ProjectRecord:
        """Make a project.

        Make a project. Blanks around words are left out, and of words that differ by case alone all but
        one.

        422 names the place at fault, for example `components[0].keywords[2]` or `chat_ids[1]` for a chat
        that is not there; 409 when another project has the name.

        Args:
            name: Unique whatever the case.
            language: Of what is proposed.
            chat_ids: The chats it is talked about in, by any id that they have or have had here; empty is
                all.
            keywords: Messages with none of them are left out; empty leaves none out. Each is found as a
                word, in all its forms: `каса` also in `на касі`.
            mentions: Usernames; a message with `@` and one of them passes, whatever its words and length.
            min_length: Shorter messages are left out, in characters.
            glossary: What the team's words mean, by the word.
            components: The parts of what the team builds; a proposal is told by keywords which it is about.
            priority_rules: A proposal that has one of the words is at least this urgent.
            idempotency_key: A key of your own making, so that the server does it once even if you ask again
                within a day.
        """
        return self._ask(
            "POST",
            "/api/v1/projects",
            ProjectRecord,
            body=given(
                {
                    "name": name,
                    "description": description,
                    "language": language,
                    "chat_ids": chat_ids,
                    "keywords": keywords,
                    "mentions": mentions,
                    "min_length": min_length,
                    "glossary": glossary,
                    "components": components,
                    "priority_rules": priority_rules,
                }
            ),
            headers={"Idempotency-Key": idempotency_key},
            once=True,
        )

    def get(self, project_id: UUID | str) -> ProjectRecord:
        """Get a project.

        One project.
        """
        return self._ask("GET", f"/api/v1/projects/{segment(project_id)}", ProjectRecord)

    def change(
        self,
        project_id: UUID | str,
        *,
        version: int | UnsetType | None = UNSET,
        name: str | UnsetType = UNSET,
        description: str | UnsetType = UNSET,
        language: Literal["uk", "en"] | UnsetType = UNSET,
        chat_ids: Sequence[int] | UnsetType = UNSET,
        keywords: Sequence[str] | UnsetType = UNSET,
        mentions: Sequence[str] | UnsetType = UNSET,
        min_length: int | UnsetType = UNSET,
        glossary: Mapping[str, str] | UnsetType = UNSET,
        components: Sequence[Component] | UnsetType = UNSET,
        priority_rules: Sequence[PriorityRule] | UnsetType = UNSET,
        if_match: str | None = None,
    ) -> ProjectRecord:
        """Change a project.

        Change what is given. Runs that have begun go on with the project as it was.

        409 when another project has the name, or `version` is given and the project was changed since.

        Args:
            version: The version that the change was made on; 409 when there is a later one.
            if_match: The `etag` of the record that you saw: when there is a later one, PreconditionFailed
                is raised.
        """
        return self._ask(
            "PATCH",
            f"/api/v1/projects/{segment(project_id)}",
            ProjectRecord,
            body=changed(
                {
                    "version": version,
                    "name": name,
                    "description": description,
                    "language": language,
                    "chat_ids": chat_ids,
                    "keywords": keywords,
                    "mentions": mentions,
                    "min_length": min_length,
                    "glossary": glossary,
                    "components": components,
                    "priority_rules": priority_rules,
                }
            ),
            headers={"If-Match": if_match},
        )

    def delete(self, project_id: UUID | str, *, if_match: str | None = None) -> None:
        """Delete a project.

        Delete a project with the assignments for it. 409 says how many runs it has, which keep it.

        One that is gone already is no error.

        Args:
            if_match: The `etag` of the record that you saw: when there is a later one, PreconditionFailed
                is raised.
        """
        self._tell("DELETE", f"/api/v1/projects/{segment(project_id)}", headers={"If-Match": if_match})
