"""The engine: a classifier on worker threads, with a queue that forms batches."""
