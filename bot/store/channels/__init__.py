"""Data about watched channels."""
