"""Loading a :class:`Classifier` by name: the embedded model, or any other checkpoint."""

from bot.sentiment.classifier import Classifier
from bot.sentiment.models.embedded import load_embedded


def load(name: str | None = None, revision: str | None = None) -> Classifier:
    """Load a text-classification checkpoint.

    Args:
        name: a folder or the name of a model on the Hugging Face Hub; None is the embedded model.
        revision: the commit to load from the Hub; optional for the models in ``KNOWN_REVISIONS``.

    Raises:
        ConfigurationError: the checkpoint cannot be loaded or is not supported.
    """
    if name is None:
        return load_embedded()
    from bot.sentiment.models import checkpoint  # importing transformers takes seconds

    return checkpoint.as_classifier(checkpoint.load(name, revision))
