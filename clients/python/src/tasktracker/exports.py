"""Proposals, with their export, which goes through in pieces."""

from collections.abc import Iterator
from typing import Literal
from uuid import UUID

import httpx

from tasktracker.errors import Unreachable
from tasktracker.resources.proposals import Proposals as WholeProposals
from tasktracker.transport import Call


class Proposals(WholeProposals):
    """Tasks that runs propose, and what people decide about them, by `client.proposals`."""

    def export(
        self,
        *,
        format: Literal["json", "csv", "markdown"] = "json",  # noqa: A002 - the API's name
        run_id: UUID | str | None = None,
        project_id: UUID | str | None = None,
    ) -> Iterator[bytes]:
        """Export what was approved, in pieces, as they come; write them to a file one after another.

        Args:
            format: What it is written as.
            run_id: Only of this run.
            project_id: Only of this project.

        Raises:
            Unreachable: The connection broke off; what came so far is not whole.
        """
        call = Call(
            "GET",
            "/api/v1/proposals/export",
            query={"format": format, "run_id": run_id, "project_id": project_id},
            headers={"Accept": "*/*"},
        )
        answer = self._transport.send(call, stream=True)
        try:
            yield from answer.iter_bytes()
        except httpx.HTTPError as error:
            raise Unreachable(self._transport.url, f"the export broke off ({error})") from error
        finally:
            answer.close()
