"""Addresses of the feeds: the secret is all there is to them."""

from django.urls import re_path

from vestibule.web.feeds import views

urlpatterns = [re_path(r"^(?P<secret>[A-Za-z0-9_-]{22})\.ics$", views.feed, name="feed")]
