"""The Ray Serve deployment: replicas of the model, one per core, on all machines of the cluster."""

import asyncio

from ray import serve

from bot.sentiment.classifier import Row, Scores
from bot.sentiment.models.loading import load

MAX_REPLICAS = 256  # however many machines join


@serve.deployment(
    ray_actor_options={"num_cpus": 1},
    autoscaling_config={
        "min_replicas": 1,
        "max_replicas": MAX_REPLICAS,
        "target_ongoing_requests": 2,  # one is computed and one waits, so that the core is never idle
        "look_back_period_s": 12,  # with the default it takes a minute until more replicas start
        "upscale_delay_s": 2,
        "downscale_delay_s": 120,
    },
    max_ongoing_requests=64,
    health_check_period_s=2,
    health_check_timeout_s=10,
)
class Replica:
    """The model on one core of one machine."""

    def __init__(self, name: str | None, revision: str | None, precision: str) -> None:
        self._classifier = load(name, revision, precision=precision)

    def describe(self) -> tuple[str, list[str]]:
        """Return the model's name and its labels."""
        return self._classifier.name, list(self._classifier.id2label.values())

    @serve.batch(max_batch_size=8, batch_wait_timeout_s=0)
    async def run(self, batches: list[list[Row]]) -> list[list[Scores] | str]:
        """Run the model on the rows of several callers; each gets the scores of its rows, or the name of an error."""
        return await asyncio.to_thread(self._run, batches)

    def _run(self, batches: list[list[Row]]) -> list[list[Scores] | str]:
        try:
            scores = iter(self._classifier.scores([row for batch in batches for row in batch]))
            return [[next(scores) for _ in batch] for batch in batches]
        except Exception as error:
            if len(batches) == 1:
                return [type(error).__name__]
            # One batch at a time, so that rows that make the model fail affect no other caller.
            return [result for batch in batches for result in self._run([batch])]

    async def check_health(self) -> None:
        """Classify an empty text; Ray Serve replaces a replica whose check fails."""
        (encoding,) = self._classifier.encode([""])
        await asyncio.to_thread(self._classifier.scores, [self._classifier.row(encoding)])
