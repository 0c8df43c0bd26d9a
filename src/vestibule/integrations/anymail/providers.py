"""The e-mail service providers there are: what each must be told, and how its key is proven."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.utils.translation import gettext_noop

from vestibule.integrations.anymail.mail import KEY_HINT, AnymailMail
from vestibule.integrations.outward import Answer
from vestibule.people.ports import Field

GLOBAL, EU = "global", "eu"
REGION = Field(
    "region",
    gettext_noop("Where the account is"),
    gettext_noop("An account of the European Union answers there alone."),
    choices=((GLOBAL, gettext_noop("United States, or worldwide")), (EU, gettext_noop("European Union"))),
    default=GLOBAL,
)
API_KEY = Field("api_key", gettext_noop("API key"), KEY_HINT, secret=True)


def _bearer(access: Mapping[str, str], name: str = "api_key") -> dict[str, Any]:
    return {"headers": {"Authorization": f"Bearer {access.get(name, '')}"}}


class SendGrid(AnymailMail):
    """Twilio SendGrid."""

    label = "SendGrid"
    backend = "anymail.backends.sendgrid.EmailBackend"
    fields: ClassVar = (API_KEY, REGION)
    undecided = frozenset({403})

    @classmethod
    def _api(cls, access: Mapping[str, str]) -> str:
        return "https://api.eu.sendgrid.com/v3/" if access.get("region") == EU else "https://api.sendgrid.com/v3/"

    @classmethod
    def options(cls, access: Mapping[str, str]) -> dict[str, Any]:
        return {"api_key": access["api_key"], "api_url": cls._api(access)}

    @classmethod
    def probe(cls, access: Mapping[str, str]) -> tuple[str, dict[str, Any]]:
        return f"{cls._api(access)}scopes", _bearer(access)


class Mailgun(AnymailMail):
    """Mailgun, with a key of the account or of one domain."""

    label = "Mailgun"
    backend = "anymail.backends.mailgun.EmailBackend"
    fields: ClassVar = (
        API_KEY,
        Field("sender_domain", gettext_noop("Sending domain"), gettext_noop("Such as mg.example.org.")),
        REGION,
    )
    undecided = frozenset({401, 403})  # a key of one domain may not look at the domain

    @classmethod
    def _api(cls, access: Mapping[str, str]) -> str:
        return "https://api.eu.mailgun.net/v3" if access.get("region") == EU else "https://api.mailgun.net/v3"

    @classmethod
    def options(cls, access: Mapping[str, str]) -> dict[str, Any]:
        return {
            "api_key": access["api_key"],
            "sender_domain": _domain(access.get("sender_domain", "")),
            "api_url": cls._api(access),
        }

    @classmethod
    def probe(cls, access: Mapping[str, str]) -> tuple[str, dict[str, Any]]:
        domain = _domain(access.get("sender_domain", ""))
        return f"{cls._api(access)}/domains/{domain}", {"auth": ("api", access["api_key"])}


class Postmark(AnymailMail):
    """Postmark."""

    label = "Postmark"
    backend = "anymail.backends.postmark.EmailBackend"
    fields: ClassVar = (
        Field("server_token", gettext_noop("Server API token"), KEY_HINT, secret=True),
        Field("message_stream", gettext_noop("Message stream"), gettext_noop("Empty: “outbound”."), required=False),
    )
    undecided = frozenset()

    @classmethod
    def options(cls, access: Mapping[str, str]) -> dict[str, Any]:
        return {"server_token": access["server_token"], "message_stream": access.get("message_stream") or None}

    @classmethod
    def probe(cls, access: Mapping[str, str]) -> tuple[str, dict[str, Any]]:
        headers = {"X-Postmark-Server-Token": access["server_token"], "Accept": "application/json"}
        return "https://api.postmarkapp.com/server", {"headers": headers}


class Brevo(AnymailMail):
    """Brevo, once Sendinblue."""

    label = "Brevo"
    backend = "anymail.backends.brevo.EmailBackend"
    fields: ClassVar = (API_KEY,)

    @classmethod
    def options(cls, access: Mapping[str, str]) -> dict[str, Any]:
        return {"api_key": access["api_key"]}

    @classmethod
    def probe(cls, access: Mapping[str, str]) -> tuple[str, dict[str, Any]]:
        return "https://api.brevo.com/v3/account", {"headers": {"api-key": access["api_key"]}}


class Mailjet(AnymailMail):
    """Mailjet."""

    label = "Mailjet"
    backend = "anymail.backends.mailjet.EmailBackend"
    fields: ClassVar = (
        Field("api_key", gettext_noop("API key"), gettext_noop("The public half.")),
        Field("secret_key", gettext_noop("Secret key"), KEY_HINT, secret=True),
    )
    undecided = frozenset()

    @classmethod
    def options(cls, access: Mapping[str, str]) -> dict[str, Any]:
        return {"api_key": access["api_key"], "secret_key": access["secret_key"]}

    @classmethod
    def probe(cls, access: Mapping[str, str]) -> tuple[str, dict[str, Any]]:
        auth = (access["api_key"], access["secret_key"])
        return "https://api.mailjet.com/v3/REST/sender?Limit=1", {"auth": auth}


class Resend(AnymailMail):
    """Resend."""

    label = "Resend"
    backend = "anymail.backends.resend.EmailBackend"
    fields: ClassVar = (API_KEY,)

    @classmethod
    def options(cls, access: Mapping[str, str]) -> dict[str, Any]:
        return {"api_key": access["api_key"]}

    @classmethod
    def probe(cls, access: Mapping[str, str]) -> tuple[str, dict[str, Any]]:
        return "https://api.resend.com/domains", _bearer(access)

    def _is_undecided(self, answer: Answer) -> bool:
        """A key that may only send is refused with 401 too, by a name of its own."""
        return answer.status == 401 and answer.json().get("name") == "restricted_api_key"


class SparkPost(AnymailMail):
    """SparkPost."""

    label = "SparkPost"
    backend = "anymail.backends.sparkpost.EmailBackend"
    fields: ClassVar = (API_KEY, REGION)

    @classmethod
    def _api(cls, access: Mapping[str, str]) -> str:
        return f"https://api.{'eu.' if access.get('region') == EU else ''}sparkpost.com/api/v1/"

    @classmethod
    def options(cls, access: Mapping[str, str]) -> dict[str, Any]:
        return {"api_key": access["api_key"], "api_url": cls._api(access)}

    @classmethod
    def probe(cls, access: Mapping[str, str]) -> tuple[str, dict[str, Any]]:
        return f"{cls._api(access)}account", {"headers": {"Authorization": access["api_key"]}}


class MailerSend(AnymailMail):
    """MailerSend."""

    label = "MailerSend"
    backend = "anymail.backends.mailersend.EmailBackend"
    most_replies = 1
    fields: ClassVar = (Field("api_token", gettext_noop("API token"), KEY_HINT, secret=True),)

    @classmethod
    def options(cls, access: Mapping[str, str]) -> dict[str, Any]:
        return {"api_token": access["api_token"]}

    @classmethod
    def probe(cls, access: Mapping[str, str]) -> tuple[str, dict[str, Any]]:
        return "https://api.mailersend.com/v1/api-quota", _bearer(access, "api_token")


def _domain(typed: str) -> str:
    """Return a domain as typed, unable to lead elsewhere on the provider's host."""
    return "".join(sign for sign in typed.lower() if sign.isalnum() or sign in ".-")
