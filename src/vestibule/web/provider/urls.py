"""Addresses of the provider's desk."""

from django.urls import path

from vestibule.web.provider import alerts, desk

urlpatterns = [
    path("", desk.desk, name="desk"),
    path("/alerts", alerts.alerts, name="desk-alerts"),
    path("/admit/<slug:ref>", desk.admit, name="desk-admit"),
    path("/visit/<slug:ref>", desk.visit, name="desk-visit"),
    path("/visit/<slug:ref>/ended", desk.ended, name="desk-ended"),
]
