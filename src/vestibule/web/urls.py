"""Addresses of pages. Each human door keeps its own list."""

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path

from vestibule.web import addons, brand_pictures, published, theme, words_page

urlpatterns: list[URLPattern | URLResolver] = [
    path("static-addons/acs-calling/<str:name>", addons.acs_calling, name="acs-calling"),
    path("words/<slug:language>.json", words_page.words, name="words"),
    path("experience.schema.json", published.experience, name="experience-schema"),
    path("deploy/azure/<slug:pair>.json", published.azure, name="azure-template"),
    path("theme/letters.css", theme.letters, name="theme-letters"),
    path("theme/<str:name>.css", theme.sheet, name="theme"),
    path("theme/sample/<str:name>.css", theme.sheet, {"is_sample": True}, name="theme-sample"),
    path("brand/<slug:ref>.png", brand_pictures.show, name="brand-picture"),
    path("", include("vestibule.web.framed.urls")),
    path("", include("vestibule.web.consumer.urls")),
    path("", include("vestibule.web.account.urls")),
    path("", include("vestibule.web.files.urls")),
    path("", include("vestibule.web.conversations.urls")),
    path("feeds/", include("vestibule.web.feeds.urls")),
    path("desk", include("vestibule.web.provider.urls")),
    path("manage", include("vestibule.web.manager.urls")),
]
if settings.DEMO or settings.TEST_CLOCK:
    urlpatterns.append(path("dev/", include("vestibule.web.dev.urls")))
