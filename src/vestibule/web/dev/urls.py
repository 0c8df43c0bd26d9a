"""Addresses of the dev pages."""

from django.conf import settings
from django.urls import URLPattern, URLResolver, path

from vestibule.web import components
from vestibule.web.dev import clock, outbox

urlpatterns: list[URLPattern | URLResolver] = [
    path("outbox", outbox.messages),
    path("outbox.json", outbox.messages_as_json),
    path("outbox/<slug:ref>", outbox.message, name="dev-message"),
    path("outbox/<slug:ref>/mail", outbox.mail, name="dev-mail"),
    path("outbox/<slug:ref>/files/<str:name>", outbox.file, name="dev-file"),
    path("components", components.components),
]
if settings.TEST_CLOCK:
    urlpatterns.append(path("clock", clock.clock))
