"""Encrypts what is pushed so that only the browser it is for can read it: RFC 8291, in one record of RFC 8188."""

import base64
import os

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

POINT = 65
"""Bytes of a public key of P-256, uncompressed."""
AUTH = 16
RECORD = 4096
LARGEST = 3993
"""Most bytes of clear text for which every push service takes the whole (4,096 bytes)."""
_LAST = b"\x02"


def encrypted(
    clear: bytes,
    browser: bytes,
    auth: bytes,
    *,
    filled_to: int = 0,
    salt: bytes | None = None,
    key: ec.EllipticCurvePrivateKey | None = None,
) -> bytes:
    """Return the body that only the browser with public key `browser` and secret `auth` can read.

    `filled_to`: shorter texts become as long as this, so that their length tells nothing. `salt` and `key` are made
    anew for each message; only tests give them. Raises ValueError for keys that are none and for more than LARGEST
    bytes.
    """
    if max(len(clear), filled_to) > LARGEST:
        raise ValueError(f"at most {LARGEST} bytes can be pushed")
    if len(auth) != AUTH:
        raise ValueError(f"the secret of a browser has {AUTH} bytes")
    salt, key = salt or os.urandom(16), key or ec.generate_private_key(ec.SECP256R1())
    own = point(key.public_key())
    shared = key.exchange(ec.ECDH(), public_key(browser))
    secret = _hkdf(auth, b"WebPush: info\x00" + browser + own, 32).derive(shared)
    content_key = _hkdf(salt, b"Content-Encoding: aes128gcm\x00", 16).derive(secret)
    nonce = _hkdf(salt, b"Content-Encoding: nonce\x00", 12).derive(secret)
    record = clear + _LAST + bytes(max(0, filled_to - len(clear)))
    head = salt + RECORD.to_bytes(4, "big") + bytes([len(own)]) + own
    return head + AESGCM(content_key).encrypt(nonce, record, None)


def public_key(raw: bytes) -> ec.EllipticCurvePublicKey:
    """Return the public key of P-256 that `raw` holds. Raises ValueError for anything else."""
    if len(raw) != POINT:
        raise ValueError(f"the key of a browser has {POINT} bytes")
    try:
        return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), raw)
    except UnsupportedAlgorithm as odd:
        raise ValueError("the key of a browser is a point of P-256") from odd


def point(key: ec.EllipticCurvePublicKey) -> bytes:
    """Return a public key as it is written, uncompressed."""
    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def b64(raw: bytes) -> str:
    """Return bytes as these protocols write them: base64url without padding."""
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def from_b64(text: str) -> bytes:
    """Return the bytes of such a text, padded or not. Raises ValueError."""
    bare = text.rstrip("=")
    return base64.b64decode(bare + "=" * (-len(bare) % 4), altchars=b"-_", validate=True)


def _hkdf(salt: bytes, info: bytes, length: int) -> HKDF:
    return HKDF(algorithm=hashes.SHA256(), length=length, salt=salt, info=info)
