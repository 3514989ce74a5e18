"""Exported cells and lines say what the proposal says, and nothing else."""

import asyncio
import csv
import io
from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from services.gateway.exporting.table import COLUMNS, as_table, plain
from services.gateway.exporting.text import CATEGORIES, as_text, escaped
from services.gateway.routes.proposal_examples import APPROVED
from shared.contracts.proposals import Category, ProposalQuote, ProposalRecord

WORDS = st.text(max_size=80).filter(lambda text: "\x00" not in text)
RENDER = MarkdownIt("commonmark").enable("table").enable("strikethrough")


def proposal(**given_: Any) -> ProposalRecord:
    """An approved proposal, but for what is given."""
    return msgspec.structs.replace(APPROVED, **given_)


async def pages(*found: list[ProposalRecord]) -> AsyncIterator[list[ProposalRecord]]:
    """Pages of proposals."""
    for page in found:
        yield page


def table(*found: list[ProposalRecord]) -> str:
    """The CSV of pages."""

    async def work() -> bytes:
        return b"".join([chunk async for chunk in as_table(pages(*found))])

    return asyncio.run(work()).decode("utf-8-sig")


def text(*found: ProposalRecord) -> str:
    """The Markdown of proposals."""

    def of(category: Category) -> AsyncIterator[list[ProposalRecord]]:
        return pages([each for each in found if each.category == category])

    async def work() -> bytes:
        return b"".join([chunk async for chunk in as_text(of)])

    return asyncio.run(work()).decode()


def rows(content: str) -> list[dict[str, str]]:
    """The rows of a CSV."""
    return list(csv.DictReader(io.StringIO(content, newline="")))


@pytest.mark.parametrize(
    "value",
    ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "\n=1", " =1", "＝1", "＋1", "－1", "＠x"],
)
def test_cell_that_could_be_a_formula_is_text(value: str) -> None:
    assert plain(value) == f"'{value}"
    (row,) = rows(table([proposal(title=value, decided_by=value, tags=[value])]))
    assert (row["title"], row["decided_by"], row["tags"]) == (f"'{value}",) * 3


@pytest.mark.parametrize("value", ["", "каса", "a=b", "1-2", "мій@кут"])
def test_other_cells_stay_as_they_are(value: str) -> None:
    assert plain(value) == value


@given(WORDS, WORDS)
def test_table_says_what_the_proposal_says(title: str, description: str) -> None:
    (row,) = rows(table([proposal(title=title, description=description)]))
    assert list(row) == list(COLUMNS)
    assert row["title"].removeprefix("'") == title.removeprefix("'")
    assert row["description"].removeprefix("'") == description.removeprefix("'")
    assert not row["title"].startswith(("=", "+", "-", "@", "\t", "\r"))


def test_table_goes_on_over_pages_with_one_line_of_headings() -> None:
    found = rows(table([proposal(title="один")], [], [proposal(title="два"), proposal(title="три")]))
    assert [row["title"] for row in found] == ["один", "два", "три"]
    (row,) = rows(
        table(
            [
                proposal(
                    details={"строк": "п'ятниця"},
                    component=None,
                    quotes=[
                        ProposalQuote(message_id=7, quote="сказано"),
                        ProposalQuote(message_id=7, quote="ще", author_name="Тарас"),
                    ],
                )
            ]
        )
    )
    assert (row["details"], row["component"]) == ('{"строк":"п\'ятниця"}', "")
    assert (row["quotes"], row["message_ids"]) == ("“сказано”\n“ще” (Тарас)", "7")


def shown(markdown: str) -> tuple[list[str], str]:
    """Which elements a line becomes, and what is read of it."""
    tokens = RENDER.parse(markdown)
    inline = [child for token in tokens for child in token.children or []]
    types = [token.type for token in [*tokens, *inline] if token.type not in ("text", "text_special")]
    return types, "".join(child.content for child in inline)


@given(WORDS | st.text("-+*_`~#>[]()!|\\<&=:.0123456789 ax\n\t", max_size=30))
def test_line_is_read_as_it_was_written(line: str) -> None:
    expected = " ".join(line.split())
    elements, read = shown(escaped(line))
    assert read == expected
    assert elements == (["paragraph_open", "inline", "paragraph_close"] if expected else [])


@given(WORDS, WORDS, st.lists(WORDS, max_size=3), WORDS)
def test_text_has_no_headings_boxes_or_quotes_but_its_own(
    title: str, description: str, sub_tasks: list[str], quote: str
) -> None:
    content = text(
        proposal(
            title=title,
            description=description,
            sub_tasks=sub_tasks,
            quotes=[ProposalQuote(message_id=7, quote=quote, author_name="Тарас")],
        )
    )
    types = [token.type for token in RENDER.parse(content)]
    assert types.count("heading_open") == 3
    assert types.count("list_item_open") == len(sub_tasks)
    assert types.count("blockquote_open") == 1
    assert not {"code_block", "fence", "html_block", "hr", "table_open"} & set(types)


def test_text_is_by_category_with_quotes_authors_and_boxes() -> None:
    content = text(proposal(category="docs", title="Опис"), proposal(title="Сканер *не* читає"))
    assert content == (
        "# Tasks\n\n## Bugs\n\n### Сканер \\*не\\* читає\n\n"
        "**high** · confidence 0.58 · Сканер · сканер, відвантаження · approved by first key\n\n"
        f"{APPROVED.description}\n\n"
        "- [ ] Відтворити на холоді\n- [ ] Перевірити прошивку\n\n"
        "> сканер знов не бачить штрихкод, в ангарі мінус п'ять\n>\n"
        "> — Тарас, 2026-03-09 07:42 UTC, message 214\n" + content.partition("message 214\n")[2]
    )
    assert "## Documentation\n\n### Опис\n" in content


def test_every_category_has_a_heading() -> None:
    assert list(CATEGORIES) == list(Category.__args__)  # type: ignore[attr-defined]
