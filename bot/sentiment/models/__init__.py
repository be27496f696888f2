"""Models: loading checkpoints, and running them in different precisions."""
