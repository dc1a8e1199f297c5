"""Signatures as GitHub sends them: X-Hub-Signature-256: sha256=HEX, an HMAC of the body."""

import hashlib
import hmac


def sign(secret: bytes, body: bytes) -> str:
    return "sha256=" + hmac.new(secret, body, hashlib.sha256).hexdigest()


def is_signed(secret: bytes, body: bytes, signature: str) -> bool:
    """Takes the same time whatever is wrong."""
    return hmac.compare_digest(sign(secret, body).encode(), signature.encode())
