"""Signed webhooks: which addresses may be used, what is sent to them, and its delivery."""
