"""The engine of the configured model, for commands that classify."""

from contextlib import AbstractContextManager

from bot.sentiment import runtime
from bot.sentiment.engine.engine import Engine
from bot.settings import Settings


def open_engine(settings: Settings) -> AbstractContextManager[Engine]:
    """Run the engine of the configured model; raises ConfigurationError if the model is not available."""
    return runtime.open_engine(
        settings.sentiment_model,
        settings.sentiment_model_revision,
        precision=settings.sentiment_precision,
        device=settings.sentiment_device,
        cluster_address=settings.sentiment_cluster,
    )
