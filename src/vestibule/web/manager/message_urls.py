"""Addresses of the pages about messages, below `/manage`."""

from django.urls import URLPattern, URLResolver, path

from vestibule.web.manager import addresses_page, ahead_page, incoming_page, messages_page

urlpatterns: list[URLPattern | URLResolver] = [
    path("/setup/messages", messages_page.listing, name="manage-messages"),
    path("/setup/messages/retry", messages_page.retry_all, name="manage-messages-retry"),
    path("/setup/messages/next", ahead_page.page, name="manage-messages-ahead"),
    path("/setup/messages/texts", incoming_page.listing, name="manage-incoming"),
    path("/setup/messages/texts/seen", incoming_page.seen, name="manage-incoming-seen"),
    path("/setup/messages/addresses", addresses_page.listing, name="manage-addresses"),
    path("/setup/messages/addresses/<int:pk>/right", addresses_page.right, name="manage-address-right"),
    path("/setup/messages/consents.csv", addresses_page.consents, name="manage-consents-file"),
    path("/setup/messages/one/<slug:ref>", messages_page.details, name="manage-message"),
    path("/setup/messages/<slug:ref>/retry", messages_page.retry, name="manage-message-retry"),
]
