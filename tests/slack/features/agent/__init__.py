"""Tests of the agent view."""
