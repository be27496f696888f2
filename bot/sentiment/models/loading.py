"""Loading a :class:`Classifier` by name: the embedded model, or any other checkpoint."""

from bot.sentiment.classifier import Classifier
from bot.sentiment.models.embedded import load_embedded


def load(
    name: str | None = None,
    revision: str | None = None,
    *,
    precision: str = "fp32",
    device: str = "cpu",
    threads: int = 1,
) -> Classifier:
    """Load a text-classification checkpoint: a folder, a model on the Hugging Face Hub, or None for the embedded one.

    Models from the Hub are loaded at the commit ``revision``, which is optional for those in ``KNOWN_REVISIONS``. All
    but the embedded one compute in ``precision``, which is fp32, bf16, or auto for the faster of the two, on a torch
    ``device`` such as cuda. The embedded one computes in int8 on the CPU. Up to ``threads`` threads use it at a time.

    Raises:
        ConfigurationError: the checkpoint cannot be loaded, is not supported, or does not compute on this machine.
    """
    if name is None:
        return load_embedded(threads)
    from bot.sentiment.models import checkpoint  # importing transformers takes seconds

    return checkpoint.as_classifier(checkpoint.load(name, revision), precision, device, threads)
