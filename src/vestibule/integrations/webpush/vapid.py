"""Says to push services who pushes: a signed token for each of them (RFC 8292)."""

import json
import threading
import time
from datetime import timedelta

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from vestibule.integrations.webpush.encryption import b64, point

LASTS = timedelta(hours=12)
"""A token may live for a day; half of it leaves room for clocks that differ."""
RENEWED = timedelta(hours=1)
_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_HEAD = b64(b'{"typ":"JWT","alg":"ES256"}')


class Vapid:
    """The pair of keys that stands for this installation. `contact` is a mailto: or https: address.

    The private key is made from `seed`, 32 secret bytes: the same seed is the same pair in every process. Used by
    several threads.
    """

    def __init__(self, seed: bytes, contact: str) -> None:
        if len(seed) != 32:
            raise ValueError("the seed of the keys has 32 bytes")
        self._key = ec.derive_private_key(int.from_bytes(seed, "big") % (_ORDER - 1) + 1, ec.SECP256R1())
        self._contact = contact
        self._tokens: dict[str, tuple[float, str]] = {}
        self._lock = threading.Lock()
        self.public_key = b64(point(self._key.public_key()))

    def authorization(self, origin: str) -> str:
        """Return the header `Authorization` for a push service, such as `https://push.example.net`.

        By the machine's clock, as push services compare it with theirs.
        """
        now = time.time()
        with self._lock:
            until, token = self._tokens.get(origin, (0.0, ""))
            if until - now < RENEWED.total_seconds():
                until = now + LASTS.total_seconds()
                token = self._signed({"aud": origin, "exp": int(until), "sub": self._contact})
                if len(self._tokens) > 100:
                    self._tokens.clear()
                self._tokens[origin] = (until, token)
        return f"vapid t={token}, k={self.public_key}"

    def _signed(self, claims: dict[str, object]) -> str:
        text = f"{_HEAD}.{b64(json.dumps(claims, separators=(',', ':')).encode())}"
        r, s = decode_dss_signature(self._key.sign(text.encode(), ec.ECDSA(hashes.SHA256())))
        return f"{text}.{b64(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}"
