"""Proposals as Markdown (CommonMark, task lists as GitHub has them), by category, with what proves them."""

import re
from collections.abc import AsyncIterable, AsyncIterator, Callable, Sequence
from itertools import pairwise

from shared.contracts.proposals import Category, ProposalQuote, ProposalRecord

CATEGORIES: dict[Category, str] = {
    "bug": "Bugs",
    "feature": "Features",
    "improvement": "Improvements",
    "question": "Questions",
    "docs": "Documentation",
    "chore": "Chores",
}
"""Every category with its heading, in the order of the file."""

_INLINE = re.compile(r"[\\`*_\[\]<>&|~#$^]")
_LINE_START = re.compile(r"^([-+=:])|^(\d{1,9})([.)])")

Pages = Callable[[Category], AsyncIterable[Sequence[ProposalRecord]]]


async def as_text(pages: Pages) -> AsyncIterator[bytes]:
    """A heading a category that has any, and under it its proposals.

    Args:
        pages: The proposals of a category.
    """
    opening = "# Tasks\n"
    for category, heading in CATEGORIES.items():
        above = f"\n## {heading}\n"
        async for page in pages(category):
            if page:
                yield (opening + above + "".join(map(_task, page))).encode()
                opening = above = ""
    if opening:
        yield f"{opening}\nNothing is approved.\n".encode()


def escaped(text: str) -> str:
    """One line of text that says in Markdown what it says without it."""
    line = _INLINE.sub(r"\\\g<0>", " ".join(text.split()))
    return _LINE_START.sub(lambda found: f"\\{found[1]}" if found[1] else f"{found[2]}\\{found[3]}", line)


def _task(proposal: ProposalRecord) -> str:
    parts = [f"### {escaped(proposal.title)}", _facts(proposal)]
    if proposal.description.strip():
        parts.append(_lines(proposal.description))
    if proposal.sub_tasks:
        parts.append("\n".join(f"- [ ] {escaped(each)}" for each in proposal.sub_tasks))
    parts += map(_quote, proposal.quotes)
    return "".join(f"\n{part}\n" for part in parts)


def _facts(proposal: ProposalRecord) -> str:
    facts = [f"**{proposal.priority}**", f"confidence {proposal.confidence:.2f}"]
    if proposal.component:
        facts.append(escaped(proposal.component))
    if proposal.tags:
        facts.append(escaped(", ".join(proposal.tags)))
    if proposal.decided_by:
        facts.append(f"approved by {escaped(proposal.decided_by)}")
    return " · ".join(facts)


def _quote(quote: ProposalQuote) -> str:
    said = [quote.author_name and escaped(quote.author_name)]
    said.append(f"{quote.sent_at:%Y-%m-%d %H:%M} UTC" if quote.sent_at else None)
    by = ", ".join(each for each in [*said, f"message {quote.message_id}"] if each)
    lines = _lines(quote.quote).split("\n")
    return "\n".join(f"> {line}".rstrip() for line in [*lines, "", f"— {by}"])


def _lines(text: str) -> str:
    """Text of several lines, each a line of its own when it is read, too."""
    lines = [escaped(line) for line in text.strip().splitlines()]
    broken = [f"{line}\\" if line and following else line for line, following in pairwise([*lines, ""])]
    return "\n".join(broken)
