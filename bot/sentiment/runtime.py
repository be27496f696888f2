"""From the settings of a model to an engine that runs it."""

import gc
import logging
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

from bot.sentiment import language
from bot.sentiment.cluster import client as cluster
from bot.sentiment.engine.engine import Engine, count_cores
from bot.sentiment.models.loading import load
from bot.sentiment.models.speed import describe

if TYPE_CHECKING:
    from bot.sentiment.classifier import Classifier

_logger = logging.getLogger(__name__)


@contextmanager
def open_engine(
    name: str | None = None,
    revision: str | None = None,
    *,
    precision: str = "auto",
    device: str = "cpu",
    cluster_address: str | None = None,
) -> Iterator[Engine]:
    """Load and prepare a model, and run its engine inside the block, in this process or in a cluster.

    Takes the arguments of ``load`` and ``connect``, and raises the ConfigurationError of each.
    """
    if cluster_address:
        classifier: Classifier = cluster.connect(load(name, revision), cluster_address)
        threads = cluster.MAX_CONCURRENT_CALLS
        _logger.info("the model %s runs in the cluster at %s", classifier.name, cluster_address)
    else:
        threads = count_cores()
        classifier = load(name, revision, precision=precision, device=device, threads=threads)
        _logger.info("the model %s runs in %s", classifier.name, describe(classifier.model))
    language.rank_languages("how are you")  # loads the detector, which would delay the first message
    gc.freeze()  # the objects of the libraries stay; each search for garbage among them would take 0.1 s
    with closing(Engine(classifier, threads)) as engine:
        yield engine
