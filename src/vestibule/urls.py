"""Every address the product answers, by the room that answers it."""

from django.urls import include, path

from vestibule.api.v1.routes import api
from vestibule.web import health

urlpatterns = [
    path("healthz", health.healthz),
    path("readyz", health.readyz),
    path("api/v1/", api.urls),
    path("hooks/", include("vestibule.api.hooks.urls")),
    path("", include("vestibule.web.urls")),
]
handler400 = "vestibule.web.errors.bad_request"
handler403 = "vestibule.web.errors.forbidden"
handler404 = "vestibule.web.errors.not_found"
handler429 = "vestibule.web.account.views.too_many"  # allauth looks for it
handler500 = "vestibule.web.errors.server_error"
