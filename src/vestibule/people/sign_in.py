"""What our sign-in does otherwise than allauth: nobody signs up, mails speak our words, secrets are encrypted."""

from io import BytesIO
from ipaddress import ip_address
from typing import Any, ClassVar

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.core.mail import EmailMessage
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from vestibule.people import secrets
from vestibule.people.models import User
from vestibule.people.password_tokens import PasswordTokens
from vestibule.people.rates import client_address
from vestibule.store import clock

NOT_TOGETHER = gettext_lazy(
    "That e-mail address and password do not go together. Check both, or have a code mailed to you instead."
)
TOO_OFTEN = gettext_lazy("That was tried too often. Wait five minutes, then try again or have a code mailed to you.")


def password_path(user: User) -> str:
    """Return the path, good once and for three days, at which `user` sets a password."""
    return _password_path(user_pk_to_url_str(user), PasswordTokens().make_token(user))


def password_link(user: User) -> str:
    """Return `password_path` at the address people reach this server at."""
    return settings.PUBLIC_URL + password_path(user)


def _password_path(user: str, token: str) -> str:
    return reverse("account_reset_password_from_key", kwargs={"uidb36": user, "key": token})


def forget_second_steps(user: User) -> None:
    """Remove passkeys, authenticator app and recovery codes of `user`, and sign out everywhere."""
    from allauth.mfa.models import Authenticator
    from allauth.usersessions.models import UserSession

    Authenticator.objects.filter(user=user).delete()
    for session in UserSession.objects.filter(user=user):
        session.end()


class AccountAdapter(DefaultAccountAdapter):
    """Accounts are made by invitation only; addresses are those the server is reached at, never those claimed."""

    error_messages: ClassVar = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": NOT_TOGETHER,
        "incorrect_code": gettext_lazy("That is not the code. Check it, or ask for a fresh one."),
        "incorrect_password": gettext_lazy("That is not your password."),
        "enter_current_password": gettext_lazy("That is not your present password."),
        "too_many_login_attempts": TOO_OFTEN,
        "rate_limited": TOO_OFTEN,
        "invalid_password_reset": gettext_lazy("This link was used before, or is too old."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Nobody signs up alone."""
        return False

    def is_safe_url(self, url: str) -> bool:
        """Go on to this server's own pages only."""
        return url_has_allowed_host_and_scheme(url, allowed_hosts=None)

    def get_client_ip(self, request: HttpRequest) -> str:
        """Return the address to count and list sessions by."""
        address = client_address(request)
        try:
            return str(ip_address(address))
        except ValueError:
            return "0.0.0.0"  # noqa: S104 (says "not known", binds nothing)

    def reauthenticate(self, user: User, password: str) -> bool:
        """Check the password of somebody signed in, counting failures like those of signing in."""
        known = self.authenticate(self.request, email=user.email, password=password)
        return known is not None and known.pk == user.pk

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        """Return to the overview after a new password."""
        return "/account"

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Render `template_prefix`_subject.txt and _message.txt; the outbox gives every mail its looks."""
        words = {"email": email, "public_url": settings.PUBLIC_URL, **context}
        subject = " ".join(render_to_string(f"{template_prefix}_subject.txt", words).split())
        text = render_to_string(f"{template_prefix}_message.txt", words).strip() + "\n"
        EmailMessage(subject, text, self.get_from_email(), [email]).send()

    def get_reset_password_from_key_url(self, key: str) -> str:
        """Return the link that sets a password, at the public address and no other."""
        user, _dash, token = key.partition("-")
        return settings.PUBLIC_URL + _password_path(user, token)

    def send_notification_mail(
        self, template_prefix: str, user: User, context: dict[str, Any] | None = None, email: str | None = None
    ) -> None:
        """Tell somebody that the own sign-in was changed, from where and when."""
        facts = {
            "timestamp": clock.now(),
            "ip": self.get_client_ip(self.request),
            "user_agent": self.get_http_user_agent(self.request)[:200],
        }
        self.send_mail(template_prefix, email or user.email, {**facts, **(context or {})})


class MfaAdapter(DefaultMFAAdapter):
    """Second steps: secrets encrypted in the database, QR code readable on dark pages."""

    error_messages: ClassVar = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": gettext_lazy("That is not the code your app shows now. Type the one it shows next."),
    }

    def encrypt(self, text: str) -> str:
        """Encrypt the secret of an authenticator app or of recovery codes."""
        return secrets.encrypt("second_step", text.encode())

    def decrypt(self, encrypted_text: str) -> str:
        """Read such a secret again."""
        return secrets.decrypt("second_step", encrypted_text).decode()

    def _get_site_name(self) -> str:
        return "Vestibule"

    def build_totp_svg(self, url: str) -> str:
        """Return the QR code of `url`, black on white whatever the page looks like."""
        import qrcode
        from qrcode.image.svg import SvgPathFillImage

        drawn = BytesIO()
        qrcode.make(url, image_factory=SvgPathFillImage, border=3).save(drawn)
        return drawn.getvalue().decode()

    def generate_authenticator_name(self, user: User, type: Any) -> str:
        """Suggest a name for a new passkey; its owner may change it."""
        from allauth.mfa.models import Authenticator

        number = Authenticator.objects.filter(user_id=user.pk, type=type).count() + 1
        return _("My passkey") if number == 1 else _("My passkey %(number)d") % {"number": number}
