"""Doing everything once, and what was missed."""
