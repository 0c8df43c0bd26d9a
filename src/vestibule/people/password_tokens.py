"""Tokens of links that set a password: good once (the password is in the hash), ageing by the product's clock."""

from datetime import datetime

from django.contrib.auth.tokens import PasswordResetTokenGenerator

from vestibule.store import clock


class PasswordTokens(PasswordResetTokenGenerator):
    """What invitations and forgotten passwords hand out; PASSWORD_RESET_TIMEOUT says for how long."""

    def _now(self) -> datetime:
        return clock.now().replace(tzinfo=None)
