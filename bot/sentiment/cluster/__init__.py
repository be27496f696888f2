"""The model on several machines, with Ray Serve."""
