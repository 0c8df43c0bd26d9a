"""Addresses of the provider's desk."""

from django.urls import path

from vestibule.web.provider import desk

urlpatterns = [
    path("", desk.desk, name="desk"),
    path("/visit/<str:ref>", desk.visit, name="desk-visit"),
    path("/visit/<str:ref>/ended", desk.ended, name="desk-ended"),
]
