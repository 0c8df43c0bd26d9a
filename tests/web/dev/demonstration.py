"""The addresses a demonstration with a test clock has, for `pytest.mark.urls`; others are decided when it starts."""

from django.urls import include, path

from vestibule.urls import handler400, handler403, handler404, handler500
from vestibule.urls import urlpatterns as product
from vestibule.web.dev import clock
from vestibule.web.dev.urls import urlpatterns as dev

__all__ = ["handler400", "handler403", "handler404", "handler500"]

urlpatterns = [path("dev/clock", clock.clock), path("dev/", include(dev)), *product]
