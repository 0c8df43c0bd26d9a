"""Addresses of the pages about calendars, below `/manage`."""

from django.urls import URLPattern, URLResolver, path

from vestibule.web.manager import account_pages, connection_pages, connections

PROVIDER = "/setup/providers/<slug:slug>"
CONNECTION = "/setup/calendars/<slug:ref>"

urlpatterns: list[URLPattern | URLResolver] = [
    path("/setup/calendars", connections.overview, name="manage-connections"),
    path("/setup/feed", connection_pages.business_feed, name="manage-feed"),
    path(CONNECTION, connection_pages.details, name="manage-connection"),
    path(f"{CONNECTION}/access", connection_pages.access, name="manage-connection-access"),
    path(f"{CONNECTION}/look", connection_pages.sync, name="manage-connection-sync"),
    path(f"{CONNECTION}/remove", connection_pages.remove, name="manage-connection-remove"),
    path(f"{PROVIDER}/calendars", connections.of_provider, name="manage-provider-calendars"),
    path(f"{PROVIDER}/calendars/address", connections.add_address, name="manage-provider-calendar-address"),
    path(f"{PROVIDER}/calendars/account", connections.add_account, name="manage-provider-calendar-account"),
    path(f"{PROVIDER}/calendars/outlook", connections.add_outlook, name="manage-provider-calendar-outlook"),
    path("/setup/accounts/microsoft365", account_pages.account, {"kind": "microsoft365"}, name="manage-microsoft365"),
    path("/setup/accounts/<slug:kind>", account_pages.account, name="manage-account"),
    path("/setup/accounts/<slug:kind>/look", account_pages.look, name="manage-account-look"),
    path("/setup/accounts/<slug:kind>/remove", account_pages.remove, name="manage-account-remove"),
    path(f"{PROVIDER}/feed", connection_pages.provider_feed, name="manage-provider-feed"),
]
