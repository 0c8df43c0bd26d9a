"""Addresses at which other sites begin frames, and where they get the elements from."""

from django.urls import path

from vestibule.web.framed import doors, elements

urlpatterns = [
    path("embed.js", elements.script, name="embed-script"),
    path("embed/<slug:slug>/book", doors.book, name="embed-book"),
    path("embed/<slug:slug>/visit", doors.visit, name="embed-visit"),
    path("embed/<slug:slug>/survey", doors.survey, name="embed-survey"),
]
