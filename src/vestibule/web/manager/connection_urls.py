"""Addresses of the pages about calendars, below `/manage`."""

from django.urls import URLPattern, URLResolver, path

from vestibule.web.manager import account_pages, bookings_pages, connection_pages, connections, sign_in_pages

PROVIDER = "/setup/providers/<slug:slug>"
BOOKINGS = "/setup/bookings"
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
    path("/setup/accounts/acs", account_pages.account, {"kind": "acs"}, name="manage-acs"),
    path("/setup/accounts/<slug:kind>", account_pages.account, name="manage-account"),
    path("/setup/accounts/<slug:kind>/look", account_pages.look, name="manage-account-look"),
    path("/setup/accounts/<slug:kind>/sign-in", sign_in_pages.leave, name="manage-account-sign-in"),
    path("/setup/accounts/<slug:kind>/signed-in", sign_in_pages.returned, name="manage-account-signed-in"),
    path("/setup/accounts/<slug:kind>/business", sign_in_pages.make_business, name="manage-account-business"),
    path("/setup/accounts/<slug:kind>/sign-out", sign_in_pages.forget, name="manage-account-sign-out"),
    path("/setup/accounts/<slug:kind>/remove", account_pages.remove, name="manage-account-remove"),
    path(BOOKINGS, bookings_pages.overview, name="manage-bookings"),
    path(f"{BOOKINGS}/choose", bookings_pages.choose, name="manage-bookings-choose"),
    path(f"{BOOKINGS}/import", bookings_pages.adopt, name="manage-bookings-import"),
    path(f"{BOOKINGS}/export", bookings_pages.export, name="manage-bookings-export"),
    path(f"{BOOKINGS}/gone", bookings_pages.switch_off, name="manage-bookings-gone"),
    path(f"{BOOKINGS}/publish", bookings_pages.publish, name="manage-bookings-publish"),
    path(f"{BOOKINGS}/let-go", bookings_pages.unlink, name="manage-bookings-unlink"),
    path(f"{PROVIDER}/feed", connection_pages.provider_feed, name="manage-provider-feed"),
]
