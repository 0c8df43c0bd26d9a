"""allauth's forms in our words: labels instead of placeholders, hints where a person might hesitate."""

from typing import Any, ClassVar

from allauth.account import forms as account
from allauth.mfa.base import forms as mfa
from allauth.mfa.totp import forms as totp
from allauth.mfa.webauthn import forms as passkeys
from django import forms
from django.utils.translation import gettext_lazy as _

Words = dict[str, Any]  # words may be translated lazily
CODE = {"autocomplete": "one-time-code", "autocapitalize": "characters", "spellcheck": "false"}
DIGITS = {"autocomplete": "one-time-code", "inputmode": "numeric", "spellcheck": "false"}
LONGEST_PASSWORD = 256


class Worded(forms.Form):
    """A form whose labels, hints and attributes are ours."""

    labels: ClassVar[Words] = {}
    hints: ClassVar[Words] = {}
    attributes: ClassVar[dict[str, dict[str, str]]] = {}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.widget.attrs.pop("placeholder", None)
            field.label = self.labels.get(name, field.label)
            field.help_text = self.hints.get(name, "")
            field.widget.attrs.update(self.attributes.get(name, {}))
            if isinstance(field.widget, forms.PasswordInput) and isinstance(field, forms.CharField):
                _limit(field)


def _limit(field: forms.CharField) -> None:
    """Refuse passwords of absurd length before they are hashed."""
    from django.core.validators import MaxLengthValidator

    field.max_length = LONGEST_PASSWORD
    field.validators.append(MaxLengthValidator(LONGEST_PASSWORD))


NEW_PASSWORD: Words = {"password1": _("New password"), "password2": _("New password again")}
GOOD_PASSWORD: Words = {"password1": _("At least 10 characters. Three unrelated words are easy to keep in mind.")}


class SignInForm(Worded, account.LoginForm):
    labels: ClassVar[Words] = {
        "login": _("E-mail address"),
        "password": _("Password"),
        "remember": _("Keep me signed in on this device"),
    }
    hints: ClassVar[Words] = {"remember": _("For two weeks. Not on a device that others use.")}
    attributes: ClassVar = {"login": {"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}}


class CodeRequestForm(Worded, account.RequestLoginCodeForm):
    labels: ClassVar[Words] = {"email": _("E-mail address")}
    attributes: ClassVar = {"email": {"autocomplete": "username"}}


class CodeForm(Worded, account.ConfirmLoginCodeForm):
    labels: ClassVar[Words] = {"code": _("Code from the mail")}
    attributes: ClassVar = {"code": CODE}


class PasswordAgainForm(Worded, account.ReauthenticateForm):
    labels: ClassVar[Words] = {"password": _("Password")}


class ForgottenForm(Worded, account.ResetPasswordForm):
    labels: ClassVar[Words] = {"email": _("E-mail address")}
    attributes: ClassVar = {"email": {"autocomplete": "username"}}


class ChoosePasswordForm(Worded, account.ResetPasswordKeyForm):
    labels: ClassVar[Words] = NEW_PASSWORD
    hints: ClassVar[Words] = GOOD_PASSWORD


class FirstPasswordForm(Worded, account.SetPasswordForm):
    labels: ClassVar[Words] = NEW_PASSWORD
    hints: ClassVar[Words] = GOOD_PASSWORD


class ChangePasswordForm(Worded, account.ChangePasswordForm):
    labels: ClassVar[Words] = {"oldpassword": _("Present password"), **NEW_PASSWORD}
    hints: ClassVar[Words] = GOOD_PASSWORD


class SecondStepForm(Worded, mfa.AuthenticateForm):
    labels: ClassVar[Words] = {"code": _("Code")}
    hints: ClassVar[Words] = {"code": _("Six digits from your app, or one of your recovery codes.")}
    attributes: ClassVar = {"code": DIGITS}


class CodeAgainForm(Worded, mfa.ReauthenticateForm):
    labels: ClassVar[Words] = SecondStepForm.labels
    hints: ClassVar[Words] = SecondStepForm.hints
    attributes: ClassVar = {"code": DIGITS}


class AddAppForm(Worded, totp.ActivateTOTPForm):
    labels: ClassVar[Words] = {"code": _("Code the app shows")}
    attributes: ClassVar = {"code": DIGITS}


class AddPasskeyForm(Worded, passkeys.AddWebAuthnForm):
    """Every key added here signs in by itself, so that there is one kind to understand."""

    labels: ClassVar[Words] = {"name": _("Name of this passkey")}
    hints: ClassVar[Words] = {"name": _("Such as the device it is on. Only you see it.")}
    passwordless = forms.BooleanField(required=True, initial=True, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].widget.attrs["maxlength"] = "80"


class RenamePasskeyForm(Worded, passkeys.EditWebAuthnForm):
    labels: ClassVar[Words] = {"name": _("Name of this passkey")}
    name = forms.CharField(max_length=80)


class NameForm(forms.Form):
    """The own name, as colleagues and the activity list see it."""

    name = forms.CharField(
        label=_("Your name"),
        max_length=120,
        help_text=_("As colleagues see it. Consumers see the name of your provider entry."),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
