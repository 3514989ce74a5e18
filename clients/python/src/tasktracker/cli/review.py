"""`review`: one proposal after another, with its quotes, until all are decided."""

from dataclasses import dataclass, field
from typing import Annotated
from uuid import UUID

import typer

from tasktracker.cli import asking
from tasktracker.cli.options import Json, connected, examples
from tasktracker.cli.review_views import show_proposal, show_targets
from tasktracker.cli.terminal import say, show_json
from tasktracker.client import Client
from tasktracker.errors import Conflict, Invalid, NotFound, PreconditionFailed
from tasktracker.records.common import ProposalRecord

EXAMPLES = examples(
    "review 85042f0c-5a0e-4d0e-9a65-0f2b6f6d4a11", "review RUN --json    decisions on stdout at the end"
)
_KEYS = "a approve · r reject · m merge · s skip · u undo · q quit"


@dataclass
class Session:
    """What was decided at this terminal.

    Attributes:
        client: Talks to the server.
        waiting: Proposals without a decision, the next one last.
        decided: What was decided, the latest last.
        skipped: Proposals that were put off.
    """

    client: Client
    waiting: list[ProposalRecord]
    decided: list[ProposalRecord] = field(default_factory=list)
    skipped: list[ProposalRecord] = field(default_factory=list)


def review(
    run_id: Annotated[UUID, typer.Argument(metavar="RUN", help="A run's id.")], *, json: Json = False
) -> None:
    """Decide about a run's proposals, one after another.

    Each decision is made at once, so that you may stop at any time and go on later. From a script, stdin has
    a line for each answer: a letter, and after `r` the reason (it may be empty), after `m` the number.
    """
    with connected() as client:
        waiting = list(client.runs.iterate_proposals(run_id, status="pending"))
        session = Session(client, waiting[::-1])
        if not waiting:
            say("No proposal of this run waits for a decision.")
        _decide_all(session)
        run = client.runs.get(run_id)
    if json:
        show_json({"decided": session.decided, "pending": run.proposals_pending})
        return
    say(f"{len(session.decided)} decided, {run.proposals_pending} pending.")
    if run.proposals_pending == 0 and run.status == "reviewed":
        say(f"All are decided. Close the run: tasktracker run close {run_id}")


def _decide_all(session: Session) -> None:
    number = len(session.waiting)
    while session.waiting:
        proposal = session.waiting[-1]
        show_proposal(proposal, place=f"{number - len(session.waiting) + 1} of {number}")
        key = asking.key(f"{_KEYS} ?")
        if key is None or key == "q":
            return
        try:
            _act(session, proposal, key)
        except (Conflict, Invalid, NotFound, PreconditionFailed) as problem:
            # Somebody else decided meanwhile, or closed the run: show how it stands now.
            say(f"{problem}", style="red")
            _look_again(session, proposal)


def _act(session: Session, proposal: ProposalRecord, key: str) -> None:
    proposals = session.client.proposals
    if key == "a":
        _decided(session, proposals.approve(proposal.id))
    elif key == "r":
        _decided(session, proposals.reject(proposal.id, reason=asking.line("Why (may be empty)?") or None))
    elif key == "m":
        _merge(session, proposal)
    elif key == "s":
        session.skipped.append(session.waiting.pop())
    elif key == "u":
        _undo(session)
    else:
        say(f"{key!r} is none of: {_KEYS}")


def _decided(session: Session, proposal: ProposalRecord) -> None:
    session.waiting.pop()
    session.decided.append(proposal)
    say(f"{proposal.status}: {proposal.title}", style="green" if proposal.status == "approved" else "yellow")


def _merge(session: Session, proposal: ProposalRecord) -> None:
    """Merge a proposal into another that the person chooses."""
    others = [
        each
        for each in session.client.runs.iterate_proposals(proposal.run_id)
        if each.id != proposal.id and each.status in {"pending", "approved"}
    ]
    similar = proposal.similar.proposal_id if proposal.similar else None
    others.sort(key=lambda each: each.id != similar)
    if not others:
        say("There is no other proposal to merge it into.")
        return
    show_targets(others)
    answer = asking.line("Into which number (nothing leaves it)?")
    if not answer:
        return
    if not answer.isdecimal() or not 1 <= int(answer) <= len(others):
        say(f"{answer!r} is none of 1 to {len(others)}; nothing was done.")
        return
    session.client.proposals.merge(proposal.id, others[int(answer) - 1].id)
    _decided(session, session.client.proposals.get(proposal.id))


def _undo(session: Session) -> None:
    """Take the latest decision of this session back, and show that proposal again."""
    if not session.decided:
        say("Nothing was decided in this session yet.")
        return
    reverted = session.client.proposals.revert(session.decided[-1].id)
    session.decided.pop()
    session.waiting.append(reverted)
    say(f"Taken back: {reverted.title}")


def _look_again(session: Session, proposal: ProposalRecord) -> None:
    session.waiting.pop()
    try:
        now = session.client.proposals.get(proposal.id)
    except NotFound:
        return
    if now.status == "pending":
        session.skipped.append(now)
