"""Encryption of what the database must hold and nobody may read there, under the server's secret."""

import base64
import hashlib
import hmac
from functools import lru_cache

from cryptography.fernet import Fernet
from django.conf import settings


def encrypt(purpose: str, clear: bytes) -> str:
    """Return `clear` encrypted for `purpose`; only the same purpose and server secret open it again."""
    return _cipher(settings.SECRET_KEY, purpose).encrypt(clear).decode()


def decrypt(purpose: str, encrypted: str) -> bytes:
    """Return what was encrypted. Raises cryptography.fernet.InvalidToken for another purpose or server secret."""
    return _cipher(settings.SECRET_KEY, purpose).decrypt(encrypted)


def derived(purpose: str, name: str) -> str:
    """Return a key of its own for `name` (43 signs that fit into an address); the same for the same server secret."""
    digest = hmac.digest(settings.SECRET_KEY.encode(), f"vestibule.{purpose}:{name}".encode(), hashlib.sha256)
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


@lru_cache(maxsize=8)
def _cipher(secret: str, purpose: str) -> Fernet:
    digest = hashlib.sha256(f"vestibule.{purpose}:{secret}".encode()).digest()
    return Fernet(base64.urlsafe_b64encode(digest))
