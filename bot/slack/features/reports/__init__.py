"""Reports about channels."""
