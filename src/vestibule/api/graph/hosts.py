"""The address that links in answers begin with: the one that was called, where that is ours."""

from urllib.parse import urlsplit

from django.conf import settings
from django.http.request import split_domain_port, validate_host

from vestibule.api.plain import Call


def origin_of(call: Call) -> str:
    """Return scheme and host of this server as the caller named them; the public ones for a host that is not ours.

    Whoever called names the host: one that is put into links unseen would lead programs, with their tokens, elsewhere.
    Java's libraries, and some proxies, name it without its port, which links need.
    """
    public = urlsplit(settings.PUBLIC_URL)
    domain, _port = split_domain_port(call.host)
    is_public = call.host.casefold() in (public.netloc.casefold(), public.hostname)
    if domain and validate_host(domain, settings.ALLOWED_HOSTS) and not is_public:
        return call.origin
    return settings.PUBLIC_URL or f"http://{settings.ALLOWED_HOSTS[0]}"
