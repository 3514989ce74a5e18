"""Which texts go together, and in which form."""

from shared.llm.batching import LONGEST_TEXT, MOST_CHARACTERS, MOST_TEXTS, batches, prepare_text


def test_batches_keep_order_and_bounds() -> None:
    texts = dict.fromkeys(range(250), "a") | dict.fromkeys(range(250, 300), "b" * LONGEST_TEXT)
    made = list(batches(texts))
    assert [place for batch in made for place in batch] == list(range(300))
    assert all(len(batch) <= MOST_TEXTS for batch in made)
    assert all(sum(map(len, batch.values())) <= MOST_CHARACTERS for batch in made)
    assert list(batches({})) == []


def test_text_is_made_fit() -> None:
    assert prepare_text(" \ud800Привіт\x00\r\nсвіт\x1b\t!\n ") == "\ufffdПривіт \nсвіт \t!"
    assert prepare_text("\ud83d\ude00") == "😀"
    assert prepare_text("\x00 \n\ufeff".replace("\ufeff", "")) == ""
    assert len(prepare_text("ї" * 100_000)) == LONGEST_TEXT
