"""Addresses of conversations: one for each cookie that may open one."""

from django.urls import path

from vestibule.web.conversations import pages

urlpatterns = [
    path("appointment/messages", pages.own, name="appointment-messages"),
    path("visit/messages", pages.of_visit, name="visit-messages"),
    path("desk/visit/<slug:ref>/messages", pages.of_staff, name="desk-messages"),
]
