"""Loading a :class:`Classifier` by name: the embedded model, or any other checkpoint."""

from bot.sentiment.classifier import Classifier
from bot.sentiment.models.embedded import load_embedded


def load(name: str | None = None, revision: str | None = None) -> Classifier:
    """Load a text-classification checkpoint: a folder, a model on the Hugging Face Hub, or None for the embedded one.

    Models from the Hub are loaded at the commit ``revision``, which is optional for those in ``KNOWN_REVISIONS``.
    Raise a ConfigurationError if the checkpoint cannot be loaded or is not supported.
    """
    if name is None:
        return load_embedded()
    from bot.sentiment.models import checkpoint  # importing transformers takes seconds

    return checkpoint.as_classifier(checkpoint.load(name, revision))
