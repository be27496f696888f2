"""Checkpoints, and what computes them."""
