"""Addresses of sign-in and the account. allauth's views under our addresses; its names stay, since it looks them up."""

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as recovery
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as passkeys
from allauth.usersessions import views as sessions
from django.urls import URLPattern, URLResolver, path, re_path

from vestibule.web.account import views
from vestibule.web.account.surroundings import framed

urlpatterns: list[URLPattern | URLResolver] = [
    path("signin", framed(account.login), name="account_login"),
    path("signin/code", framed(account.request_login_code), name="account_request_login_code"),
    path("signin/code/enter", framed(account.confirm_login_code), name="account_confirm_login_code"),
    path("signin/second-step", framed(mfa.authenticate), name="mfa_authenticate"),
    path("signin/passkey", framed(passkeys.login_webauthn), name="mfa_login_webauthn"),
    path("signin/by-invitation", views.by_invitation, name="account_signup"),
    path("signin/inactive", framed(account.account_inactive), name="account_inactive"),
    path("signout", framed(account.logout), name="account_logout"),
    path("account", views.overview, name="account"),
    path("account", views.overview, name="mfa_index"),
    path("account", views.overview, name="mfa_list_webauthn"),
    path("account", views.overview, name="account_email"),
    path("account/start", views.start, name="account_start"),
    path("account/name", views.rename, name="account_name"),
    path("account/business", views.choose_business, name="account_business"),
    path("account/sessions", framed(sessions.list_usersessions), name="usersessions_list"),
    path("account/confirm", framed(account.reauthenticate), name="account_reauthenticate"),
    path("account/confirm/code", framed(mfa.reauthenticate), name="mfa_reauthenticate"),
    path("account/confirm/passkey", framed(passkeys.reauthenticate_webauthn), name="mfa_reauthenticate_webauthn"),
    path("account/password", framed(account.password_change), name="account_change_password"),
    path("account/password/first", framed(account.password_set), name="account_set_password"),
    path("account/password/forgotten", framed(account.password_reset), name="account_reset_password"),
    path("account/password/forgotten/sent", framed(account.password_reset_done), name="account_reset_password_done"),
    re_path(
        r"^account/password/choose/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>[^/]+)$",
        framed(account.password_reset_from_key),
        name="account_reset_password_from_key",
    ),
    path(
        "account/password/chosen",
        framed(account.password_reset_from_key_done),
        name="account_reset_password_from_key_done",
    ),
    path("account/app/add", framed(totp.activate_totp), name="mfa_activate_totp"),
    path("account/app/remove", framed(totp.deactivate_totp), name="mfa_deactivate_totp"),
    path("account/passkeys/add", framed(passkeys.add_webauthn), name="mfa_add_webauthn"),
    path("account/passkeys/<int:pk>/rename", framed(passkeys.edit_webauthn), name="mfa_edit_webauthn"),
    path("account/passkeys/<int:pk>/remove", framed(passkeys.remove_webauthn), name="mfa_remove_webauthn"),
    path("account/recovery-codes", framed(recovery.view_recovery_codes), name="mfa_view_recovery_codes"),
    path("account/recovery-codes/new", framed(recovery.generate_recovery_codes), name="mfa_generate_recovery_codes"),
    path("account/recovery-codes/file", recovery.download_recovery_codes, name="mfa_download_recovery_codes"),
]
