"""Batches of texts on several threads."""

from collections.abc import Sequence

from benchmarks.batching import Ids, run_in_batches


def test_answers_are_in_the_order_of_the_texts() -> None:
    """Each text gets its own answer, from a batch within the budget whose rows have similar lengths."""
    batches: list[list[int]] = []

    def run(rows: Sequence[Ids]) -> list[list[float]]:
        batches.append([len(row) for row in rows])
        return [[1.0, 0.0] if len(row) > 5 else [0.25, 0.75] for row in rows]

    texts = ["x" * (1 + i * 7 % 10) for i in range(1000)]
    with run_in_batches(lambda text: [0] * len(text), run, ["long", "short"], threads=2, max_tokens=40) as classify:
        answers = classify(texts)
    assert answers == [("long", 1.0) if len(text) > 5 else ("short", 0.75) for text in texts]
    assert sum(map(len, batches)) == len(texts)
    assert all(max(lengths) * len(lengths) <= 40 for lengths in batches)


def test_text_longer_than_the_budget() -> None:
    """A text that exceeds the budget is a batch of its own, and each thread is prepared first."""
    prepared: list[bool] = []
    with run_in_batches(
        lambda text: [0] * len(text),
        lambda rows: [[1.0]] * len(rows) if prepared else [],
        ["label"],
        threads=1,
        max_tokens=2,
        initialize=lambda: prepared.append(True),
    ) as classify:
        assert classify(["long text", "a"]) == [("label", 1.0)] * 2
