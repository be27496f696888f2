"""The step for Workflow Builder."""
