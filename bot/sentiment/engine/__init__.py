"""The classifier on worker threads."""
