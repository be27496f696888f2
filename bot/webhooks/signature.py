"""The signature of a webhook's request: HMAC-SHA256 of its time and its body."""

import hmac

HEADER = "X-Signature"


def sign(secret: str, timestamp: int, body: bytes) -> str:
    """Return the value of the header: ``t=`` the time in Unix seconds, and ``v1=`` the signature in hexadecimal."""
    signed = f"{timestamp}.".encode() + body
    return f"t={timestamp},v1={hmac.new(secret.encode(), signed, 'sha256').hexdigest()}"
