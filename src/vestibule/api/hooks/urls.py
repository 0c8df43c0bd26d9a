"""Addresses that other services call back."""

from django.urls import URLPattern, URLResolver, path

from vestibule.api.hooks import sms

urlpatterns: list[URLPattern | URLResolver] = [path("sms", sms.delivery_report)]
