"""Addresses of the pages about programs written for Microsoft's services, below `/manage`."""

from django.urls import URLPattern, URLResolver, path

from vestibule.web.manager import event_pages as events
from vestibule.web.manager import programs_pages as pages

HERE = "/setup/programs"

urlpatterns: list[URLPattern | URLResolver] = [
    path(HERE, pages.overview, name="manage-programs"),
    path(f"{HERE}/events", events.listing, name="manage-events"),
    path(f"{HERE}/events/new", events.new, name="manage-event-new"),
    path(f"{HERE}/events/<uuid:guid>", events.one, name="manage-event"),
    path(f"{HERE}/events/<uuid:guid>/again", events.try_again, name="manage-event-again"),
    path(f"{HERE}/events/<uuid:guid>/ask", events.ask, name="manage-event-ask"),
    path(f"{HERE}/events/<uuid:guid>/end", events.end, name="manage-event-end"),
    path(f"{HERE}/azure", pages.azure, name="manage-programs-azure"),
    path(f"{HERE}/azure/<slug:slot>", pages.key, name="manage-programs-key"),
    path(f"{HERE}/azure/<slug:slot>/renew", pages.renew, name="manage-programs-key-renew"),
    path(f"{HERE}/graph", pages.graph, name="manage-programs-graph"),
    path(f"{HERE}/graph/<int:pk>", pages.application, name="manage-programs-application"),
    path(f"{HERE}/graph/<int:pk>/end", pages.end, name="manage-programs-application-end"),
]
