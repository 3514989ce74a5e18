"""How a proposal looks to whoever decides about it."""

from collections.abc import Sequence

from rich.text import Text

from tasktracker.cli.terminal import console, facts, moment, plain, table
from tasktracker.records.common import ProposalRecord


def show_proposal(proposal: ProposalRecord, *, place: str) -> None:
    """A proposal with the words that prove it, on stderr: it is what the question is about."""
    screen = console(stderr=True)
    screen.print()
    screen.rule(Text(place, style="dim"), align="left", style="dim")
    screen.print(Text(plain(proposal.title), style="bold"))
    about = [proposal.category, proposal.priority, f"confidence {proposal.confidence:.2f}"]
    rows = [
        ("", ", ".join([*about, f"recommended: {proposal.recommendation}"])),
        ("what", proposal.description),
        *(("  ☐", each) for each in proposal.sub_tasks),
        ("part", proposal.component or ""),
        ("tags", ", ".join(proposal.tags)),
        ("why", proposal.reasoning),
        *(
            (moment(quote.sent_at), f"{quote.author_name or '?'}: «{quote.quote}»")
            for quote in proposal.quotes
        ),
        ("like", _similar(proposal)),
    ]
    screen.print(facts((name, value) for name, value in rows if value))


def show_targets(proposals: Sequence[ProposalRecord]) -> None:
    """Proposals to choose from, by number, on stderr."""
    rows = [(str(number), each.status, each.title) for number, each in enumerate(proposals, start=1)]
    console(stderr=True).print(table(("number", "status", "title"), rows, right=("number",), wide="title"))


def _similar(proposal: ProposalRecord) -> str:
    if proposal.similar is None:
        return ""
    other = proposal.similar
    return f"{proposal.novelty}: {other.title} ({other.status}, {other.similarity:.2f})"
