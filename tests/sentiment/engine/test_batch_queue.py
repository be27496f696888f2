"""The choice of rows for a batch."""

from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import REGISTRY

from bot.sentiment.classifier import MAX_BATCH_TOKENS
from bot.sentiment.engine.batch_queue import BatchQueue, Priority


@given(st.lists(st.integers(1, MAX_BATCH_TOKENS), min_size=1, max_size=600))
def test_batches_have_rows_of_similar_length(lengths: list[int]) -> None:
    """Each batch starts with the oldest row, is within the budget and of similar length; no row is lost."""
    queue = BatchQueue[str]()
    queue.add("call", lengths, Priority.BACKGROUND)
    left = list(range(len(lengths)))
    while left:
        batch = queue.next_batch()
        longest = max(queued.length for queued in batch)
        assert batch[0].row == left[0]
        assert longest * len(batch) <= MAX_BATCH_TOKENS
        assert all(queued.length * 4 >= longest for queued in batch)
        for queued in batch:
            left.remove(queued.row)
    assert len(queue) == 0


def test_row_longer_than_the_budget() -> None:
    """A row that exceeds the budget is a batch of its own."""
    queue = BatchQueue[str]()
    queue.add("long", [MAX_BATCH_TOKENS * 2], Priority.RESULT)
    queue.add("short", [3], Priority.RESULT)
    assert [queued.call for queued in queue.next_batch()] == ["long"]
    assert [queued.call for queued in queue.next_batch()] == ["short"]


def test_metric() -> None:
    """``bot_waiting_rows`` is the number of rows in the queue, also after it was closed."""

    def waiting() -> float:
        return REGISTRY.get_sample_value("bot_waiting_rows") or 0

    before = waiting()
    queue = BatchQueue[str]()
    queue.add("call", [3, 3, 300], Priority.RESULT)
    assert waiting() - before == 3
    queue.next_batch()
    assert waiting() - before == 1
    queue.close()
    assert waiting() == before
    assert queue.next_batch() == []
