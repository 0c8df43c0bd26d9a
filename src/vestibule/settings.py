"""Django's settings, made from Vestibule's own (see `store.configuration`)."""

from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from vestibule.store.configuration import load, server_secret
from vestibule.web import first_styles

CONFIGURATION = load()
DATA = Path(CONFIGURATION["DATA"])
DATA.mkdir(mode=0o700, parents=True, exist_ok=True)  # what consumers told us is nobody else's on this machine
DEBUG = CONFIGURATION.flag("DEBUG")
DEMO = CONFIGURATION.flag("DEMO")
TEST_CLOCK = CONFIGURATION.flag("TEST_CLOCK")
SECRET_KEY = server_secret(CONFIGURATION)
PUBLIC_URL = CONFIGURATION["PUBLIC_URL"].rstrip("/")
_public = urlsplit(PUBLIC_URL)
IS_HTTPS = _public.scheme == "https"
ALLOWED_HOSTS = [_public.hostname] if _public.hostname else ["localhost", "127.0.0.1", "[::1]", "testserver"]
if _public.hostname in {"localhost", "127.0.0.1"}:
    ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]", "testserver"]
ACS_URL = PROGRAMS_URL = CONFIGURATION["ACS_URL"].rstrip("/")  # where connection strings lead; `serve` may add its own
PROGRAMS_MAKE_BUSINESSES = CONFIGURATION.flag("PROGRAMS_MAKE_BUSINESSES") or DEMO
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL] if PUBLIC_URL else []

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "vestibule.people",
    "vestibule.subscriptions",
    "vestibule.chat",
    "vestibule.calendars",
    "vestibule.notifications",
    "vestibule.meetings",
    "vestibule.booking",
    "vestibule.experience",
    "vestibule.web",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "vestibule.web.compression.CompressionMiddleware",
    "csp.middleware.CSPMiddleware",
    "vestibule.web.framed.middleware.FramedMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "vestibule.web.languages.LanguageMiddleware",
    "vestibule.web.letter_case.LetterCaseMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "vestibule.web.middleware.RefusalMiddleware",
]
ROOT_URLCONF = "vestibule.urls"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [Path(__file__).parent / "web" / "templates"],
        "OPTIONS": {
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    ["vestibule.web.unindented.FromFolders", "vestibule.web.unindented.FromApps"],
                )
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "vestibule.web.context.site",
            ],
            "builtins": [
                "vestibule.web.templatetags.vestibule",
                "vestibule.web.templatetags.own_texts",
                "django.templatetags.i18n",
            ],
        },
    }
]


def _database(url: str) -> dict[str, Any]:
    if not url:
        return {
            "ENGINE": "vestibule.store.sqlite",
            "NAME": DATA / "vestibule.sqlite3",
            "CONN_MAX_AGE": None,
            "OPTIONS": {
                "timeout": 20,
                "transaction_mode": "IMMEDIATE",
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;",
            },
            "TEST": {"NAME": DATA / "test.sqlite3"},
        }
    parts = urlsplit(url)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.path.lstrip("/"),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"connect_timeout": 5, **_tls(parts.query)},
    }


def _tls(query: str) -> dict[str, str]:
    """Return what a database's address says of TLS: `?sslmode=require`, or `verify-full` and `sslrootcert=FILE`."""
    return {name: value for name, value in parse_qsl(query) if name in ("sslmode", "sslrootcert")}


DATABASES = {"default": _database(CONFIGURATION["DATABASE_URL"])}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"
# Each with its own name: whoever looks for it reads that. What is said in them is in src/vestibule/locale.
LANGUAGES = [
    ("en", "English"),
    ("de", "Deutsch"),
    ("fr", "Français"),
    ("es", "Español"),
    ("pt", "Português"),
    ("it", "Italiano"),
    ("nl", "Nederlands"),
    ("pl", "Polski"),
    ("ar", "العربية"),
]
LANGUAGE_COOKIE_NAME = "language"
LOCALE_PATHS = [Path(__file__).parent / "locale"]
STATIC_URL = "/static/"
STATIC_FOLDER = Path(__file__).parent / "web" / "static"

AUTH_USER_MODEL = "people.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = ["vestibule.people.passwords.Argon2"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
# Failed sign-ins are counted here; several processes must count together.
CACHES = {
    "default": (
        {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": CONFIGURATION["REDIS_URL"]}
        if CONFIGURATION["REDIS_URL"]
        else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
    )
}
# WebAuthn wants HTTPS; browsers make an exception for the machine itself.
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = _public.hostname in {None, "localhost"}
LOGIN_URL = "/signin"
CSRF_FAILURE_VIEW = "vestibule.web.account.views.stale"
LOGIN_REDIRECT_URL = "/account/start"

SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = IS_HTTPS
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 31_536_000 if IS_HTTPS else 0
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'", *first_styles.allowed(STATIC_FOLDER)],
        "img-src": ["'self'", "data:", "blob:"],
        "media-src": ["'self'", "blob:", "mediastream:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "worker-src": ["'self'"],
        "manifest-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
    }
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 256 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 1000  # a hundred services are one form of the builder

EMAIL_BACKEND = "vestibule.notifications.mail_backend.OutboxBackend"
DEFAULT_FROM_EMAIL = CONFIGURATION["EMAIL_FROM"]

# Adapters: what fills a port, by dotted path. Ports live below integrations, which these name.
# Those of the installation are loaded only where the setting named here is set: together they take 7 MB.
INSTALLATION_GATEWAYS = {"smtp": "EMAIL_URL", "http": "SMS_URL", "acs": "ACS_CONNECTION_STRING"}
MAIL_GATEWAYS = {
    "smtp": "vestibule.integrations.smtp.mail.SmtpMail",
    "acs": "vestibule.integrations.acs.mail.AcsMail",
    "microsoft365": "vestibule.integrations.microsoft365.mail.GraphMail",
    "sendgrid": "vestibule.integrations.anymail.providers.SendGrid",
    "mailgun": "vestibule.integrations.anymail.providers.Mailgun",
    "postmark": "vestibule.integrations.anymail.providers.Postmark",
    "brevo": "vestibule.integrations.anymail.providers.Brevo",
    "mailjet": "vestibule.integrations.anymail.providers.Mailjet",
    "resend": "vestibule.integrations.anymail.providers.Resend",
    "sparkpost": "vestibule.integrations.anymail.providers.SparkPost",
    "mailersend": "vestibule.integrations.anymail.providers.MailerSend",
}
SMS_GATEWAYS = {
    "twilio": "vestibule.integrations.twilio.sms.TwilioSms",
    "acs": "vestibule.integrations.acs.sms.AcsSms",
    "http": "vestibule.integrations.http_sms.sms.HttpSms",
}
MESSAGE_CALLBACKS = {
    "smtp": "vestibule.integrations.smtp.returned.ReturnedMail",
    "twilio": "vestibule.integrations.twilio.callbacks.TwilioCallbacks",
    "acs": "vestibule.integrations.acs.callbacks.EventGrid",
    "http": "vestibule.integrations.http_sms.callbacks.SignedCallbacks",
    "sendgrid": "vestibule.integrations.anymail.callbacks.SendGridCallbacks",
    "mailgun": "vestibule.integrations.anymail.callbacks.MailgunCallbacks",
    "postmark": "vestibule.integrations.anymail.callbacks.PostmarkCallbacks",
    "brevo": "vestibule.integrations.anymail.callbacks.BrevoCallbacks",
    "mailjet": "vestibule.integrations.anymail.callbacks.MailjetCallbacks",
    "resend": "vestibule.integrations.anymail.callbacks.ResendCallbacks",
    "sparkpost": "vestibule.integrations.anymail.callbacks.SparkPostCallbacks",
    "mailersend": "vestibule.integrations.anymail.callbacks.MailerSendCallbacks",
}
PUSH_GATEWAY = "vestibule.integrations.webpush.push.WebPush"
CALENDAR_ADAPTERS = {
    "ics": "vestibule.integrations.ics.feed.IcsFeed",
    "caldav": "vestibule.integrations.caldav.account.CalDavAccount",
    "outlook": "vestibule.integrations.microsoft365.outlook.Outlook",
}
# Of those, which servers tell us at once when something changes (`calendars.ports.Notifies`).
CALENDAR_NOTIFIERS = {"outlook": "vestibule.integrations.microsoft365.subscriptions.Subscriptions"}
# What a business may have at a vendor, once for all that uses it (`people.ports.Vendor`).
OUTSIDE_ACCOUNTS = {
    "microsoft365": "vestibule.integrations.microsoft365.account.Microsoft365",
    "acs": "vestibule.integrations.acs.account.CommunicationServices",
}
# Of those, which tell at `/hooks/accounts/<kind>/…` of what happens there.
ACCOUNT_CALLBACKS = {"acs": "vestibule.integrations.acs.events.Events"}
# Who hears, as (business' key, kind, access of before), that an account is given up or replaced by another.
OUTSIDE_ACCOUNT_LISTENERS = ["vestibule.calendars.watching.on_account_left"]
# Adapters that are opened with such an account: `opened(access, allowed)`.
OUTSIDE_SCHEDULERS = {"bookings": "vestibule.integrations.microsoft365.bookings.Bookings"}
OUTSIDE_PLACES = {
    "teams": "vestibule.integrations.microsoft365.teams.Teams",
    "acs_room": "vestibule.integrations.acs.rooms.Rooms",
}
# By account, what makes identities and tokens for calls that a vendor carries (`meetings.ports.CallTokens`).
CALL_TOKENS = {"acs": "vestibule.integrations.acs.identities.Identities"}
# By account, what keeps copies of threads (`chat.ports.OutsideThreads`).
OUTSIDE_THREADS = {"acs": "vestibule.integrations.acs.threads.Threads"}
# What shows people every change of a thread (`chat.listeners.ChatChange`), and who of its meeting is in one.
CHAT_LISTENERS = [
    "vestibule.web.live.doors.thread_changed",
    "vestibule.api.acs.realtime.telling.thread_changed",
]
THREAD_PEOPLE = "vestibule.meetings.thread_people.ThreadPeople"
# In whose words subscribers are told what happens here (`subscriptions.ports.Shape`), and what carries it to them.
SUBSCRIPTION_SHAPES = {
    "event_grid": "vestibule.api.acs.events.EventGrid",
    "cloud_events": "vestibule.api.acs.events.CloudEvents",
    "graph": "vestibule.api.graph.notifying.ChangeNotifications",
}
SUBSCRIPTION_POSTER = "vestibule.integrations.webhooks.post.Webhooks"
FILE_SCANNERS = {"clamav": "vestibule.integrations.clamav.daemon.ClamAv"}
CALENDAR_ENTRIES = "vestibule.booking.calendar_entries.coming"
IDENTITY_SOURCE = "vestibule.booking.recognition.known"
SURVEY_SOURCE = "vestibule.experience.survey.is_asked"
MEETING_BACKENDS = {"p2p": "vestibule.meetings.p2p.PeerToPeer"}
if CONFIGURATION["LIVEKIT_URL"] and CONFIGURATION["LIVEKIT_KEY"] and CONFIGURATION["LIVEKIT_SECRET"]:
    MEETING_BACKENDS["livekit"] = "vestibule.integrations.livekit.backend.LiveKit"
RELAY_PROBE = "vestibule.integrations.turn.allocation.AllocationProbe"
# What rings people who asked for it (`meetings.ports.DialOut`), by dotted path; "" where staff dial by hand.
DIAL_OUT = ""
MEETING_LISTENERS = ["vestibule.booking.attendance.on_meeting_event"]
LIVE_BUS = "vestibule.integrations.redis.bus.RedisBus" if CONFIGURATION["REDIS_URL"] else ""

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {
        "vestibule": {"level": "INFO"},
        "azure": {"level": "ERROR"},  # its packages warn of dates they made themselves
        # A host that nobody has is anybody's to send, and would fill the log with a traceback each time.
        "django.security.DisallowedHost": {"level": "CRITICAL"},
    },
}
SILENCED_SYSTEM_CHECKS = ["security.W019"]

from vestibule.people.sign_in_settings import *  # noqa: E402, F403  (allauth's own names, kept beside its adapter)
