"""Addresses of the pages for people outside: the front page, booking, and one's own appointment."""

from django.urls import path

from vestibule.web.consumer import details, earlier, front, managing, preparing, repeating, reserving, visiting, waiting

urlpatterns = [
    path("", front.home, name="home"),
    path("book", front.home, name="book-home"),
    path("book/<slug:slug>", front.business_page, name="book"),
    path("book/<slug:slug>/<slug:service_slug>", reserving.choose_time, name="book-time"),
    path("book/<slug:slug>/<slug:service_slug>/hold", reserving.keep_time, name="book-hold"),
    path("book/<slug:slug>/<slug:service_slug>/details", details.details, name="book-details"),
    path("book/<slug:slug>/<slug:service_slug>/repeat", repeating.occurrences, name="book-repeat"),
    path("book/<slug:slug>/<slug:service_slug>/waitlist", waiting.join, name="book-waitlist"),
    path("waitlist", waiting.show, name="waitlist"),
    path("waitlist/accept", waiting.accept, name="waitlist-accept"),
    path("waitlist/decline", waiting.decline, name="waitlist-decline"),
    path("waitlist/leave", waiting.leave, name="waitlist-leave"),
    path("waitlist/appointment", waiting.to_appointment, name="waitlist-appointment"),
    path("appointment", managing.show, name="appointment"),
    path("appointment/move", managing.move, name="appointment-move"),
    path("appointment/cancel", managing.cancel, name="appointment-cancel"),
    path("appointment/late", managing.late, name="appointment-late"),
    path("appointment/join", managing.join, name="appointment-join"),
    path("appointment/appointment.ics", managing.calendar_file, name="appointment-calendar"),
    path("appointment/earlier", earlier.earlier, name="appointment-earlier"),
    path("appointment/answers", preparing.answers, name="appointment-answers"),
    path("appointment/documents", preparing.files, name="appointment-documents"),
    path("appointment/documents/<str:ref>", preparing.file, name="appointment-document"),
    path("appointment/documents/<str:ref>/remove", preparing.remove_file, name="appointment-document-remove"),
    path("appointment/helpers", preparing.helpers, name="appointment-helpers"),
    path("appointment/helpers/<int:index>/remove", preparing.remove_helper, name="appointment-helper-remove"),
    path("appointment/series/<str:ref>", managing.other_of_series, name="appointment-other"),
    path("visit", visiting.visit, name="visit"),
    path("visit/ended", visiting.ended, name="visit-ended"),
    path("test-call", visiting.test_call, name="test-call"),
]
