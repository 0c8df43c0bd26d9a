"""Addresses of the pages for people outside: the front page, booking, and one's own appointment."""

from django.urls import path

from vestibule.web.consumer import details, front, managing, repeating, reserving, visiting

urlpatterns = [
    path("", front.home, name="home"),
    path("book", front.home, name="book-home"),
    path("book/<slug:slug>", front.business_page, name="book"),
    path("book/<slug:slug>/<slug:service_slug>", reserving.choose_time, name="book-time"),
    path("book/<slug:slug>/<slug:service_slug>/hold", reserving.keep_time, name="book-hold"),
    path("book/<slug:slug>/<slug:service_slug>/details", details.details, name="book-details"),
    path("book/<slug:slug>/<slug:service_slug>/repeat", repeating.occurrences, name="book-repeat"),
    path("appointment", managing.show, name="appointment"),
    path("appointment/move", managing.move, name="appointment-move"),
    path("appointment/cancel", managing.cancel, name="appointment-cancel"),
    path("appointment/late", managing.late, name="appointment-late"),
    path("appointment/join", managing.join, name="appointment-join"),
    path("appointment/appointment.ics", managing.calendar_file, name="appointment-calendar"),
    path("visit", visiting.visit, name="visit"),
    path("visit/ended", visiting.ended, name="visit-ended"),
    path("test-call", visiting.test_call, name="test-call"),
]
