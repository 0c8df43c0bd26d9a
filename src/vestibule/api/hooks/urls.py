"""Addresses that other services call back."""

from django.urls import URLPattern, URLResolver, path

from vestibule.api.hooks import accounts, calendars, livekit, messages, sms, subscriptions

urlpatterns: list[URLPattern | URLResolver] = [
    path("accounts/<slug:kind>/<slug:business>", accounts.told),
    path("calendars/<slug:hook>", calendars.told),
    path("livekit", livekit.told),
    path("messages/<slug:hook>", messages.told),
    path("sms", sms.delivery_report),
    path("subscriptions/<uuid:guid>", subscriptions.confirmed),
]
