"""Prometheus metrics and health checks."""
