"""Addresses of taking the experience away, of showing it in other sites, and of the link tester."""

from django.urls import URLPattern, path

from vestibule.web.manager import embed_page, link_page, take_away

urlpatterns: list[URLPattern] = [
    path("/embed", embed_page.page, name="manage-embed"),
    path("/embed/remove", embed_page.remove, name="manage-embed-remove"),
    path("/embed/try", embed_page.trial, name="manage-embed-try"),
    path("/links", link_page.page, name="manage-links"),
    path("/setup/take-away", take_away.page, name="manage-take-away"),
    path("/setup/take-away/import", take_away.take_in, name="manage-take-away-import"),
    path("/setup/take-away/experience.json", take_away.as_file, name="manage-take-away-file"),
    path("/setup/take-away/experience.zip", take_away.as_zip, name="manage-take-away-zip"),
]
