"""allauth's settings: sign-in by e-mail with password, passkey, TOTP or e-mailed code; nobody signs up alone."""

from datetime import timedelta

ACCOUNT_ADAPTER = "vestibule.people.sign_in.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 10 * 60
ACCOUNT_LOGIN_BY_CODE_SUPPORTS_RESEND = True
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_SESSION_REMEMBER = None
ACCOUNT_LOGIN_ON_PASSWORD_RESET = True
ACCOUNT_LOGOUT_REDIRECT_URL = "/signin"
ACCOUNT_PASSWORD_RESET_TOKEN_GENERATOR = "vestibule.people.password_tokens.PasswordTokens"  # noqa: S105 (a dotted path)
PASSWORD_RESET_TIMEOUT = int(timedelta(days=3).total_seconds())
SESSION_EXPIRE_AT_BROWSER_CLOSE = True

MFA_ADAPTER = "vestibule.people.sign_in.MfaAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_TOTP_ISSUER = "Vestibule"
MFA_TOTP_TOLERANCE = 1

_FORMS = "vestibule.web.account.forms."
ACCOUNT_FORMS = {
    "login": _FORMS + "SignInForm",
    "request_login_code": _FORMS + "CodeRequestForm",
    "confirm_login_code": _FORMS + "CodeForm",
    "reauthenticate": _FORMS + "PasswordAgainForm",
    "reset_password": _FORMS + "ForgottenForm",
    "reset_password_from_key": _FORMS + "ChoosePasswordForm",
    "set_password": _FORMS + "FirstPasswordForm",
    "change_password": _FORMS + "ChangePasswordForm",
}
MFA_FORMS = {
    "authenticate": _FORMS + "SecondStepForm",
    "reauthenticate": _FORMS + "CodeAgainForm",
    "activate_totp": _FORMS + "AddAppForm",
    "add_webauthn": _FORMS + "AddPasskeyForm",
    "edit_webauthn": _FORMS + "RenamePasskeyForm",
}
