"""Addresses of the pages about gateways, below `/manage`."""

from django.urls import URLPattern, URLResolver, path

from vestibule.web.manager import gateway_pages

ONE = "/setup/gateways/own/<slug:ref>"

urlpatterns: list[URLPattern | URLResolver] = [
    path("/setup/gateways", gateway_pages.overview, name="manage-gateways"),
    path(ONE, gateway_pages.details, name="manage-gateway"),
    path(f"{ONE}/test", gateway_pages.try_out, name="manage-gateway-test"),
    path(f"{ONE}/first", gateway_pages.put_first, name="manage-gateway-first"),
    path(f"{ONE}/switch", gateway_pages.switch, name="manage-gateway-switch"),
    path(f"{ONE}/address", gateway_pages.renew_address, name="manage-gateway-address"),
    path(f"{ONE}/remove", gateway_pages.remove, name="manage-gateway-remove"),
    path("/setup/gateways/<slug:channel>", gateway_pages.choose, name="manage-gateway-kinds"),
    path("/setup/gateways/<slug:channel>/<slug:kind>", gateway_pages.add, name="manage-gateway-add"),
]
