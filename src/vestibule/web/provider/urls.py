"""Addresses of the provider's desk."""

from django.urls import path

from vestibule.web.provider import desk

urlpatterns = [
    path("", desk.desk, name="desk"),
    path("/visit/<slug:ref>", desk.visit, name="desk-visit"),
    path("/visit/<slug:ref>/ended", desk.ended, name="desk-ended"),
]
