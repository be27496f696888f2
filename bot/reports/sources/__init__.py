"""Files with messages."""
