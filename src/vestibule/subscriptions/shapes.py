"""The shapes and the poster this installation has, by the dotted paths of its settings."""

from functools import cache
from typing import cast

from django.conf import settings
from django.utils.module_loading import import_string

from vestibule.subscriptions.ports import Poster, Shape


@cache
def shape(name: str) -> Shape:
    """Return the shape called `name`, one of `Subscription.Shape`. Raises KeyError for one that is not there."""
    return cast(Shape, import_string(settings.SUBSCRIPTION_SHAPES[name])())


@cache
def poster() -> Poster:
    """Return what carries events out of this installation, made when there is first something to carry."""
    from vestibule.store import certificates

    made = import_string(settings.SUBSCRIPTION_POSTER)
    allowed = tuple(settings.CONFIGURATION.items("GATEWAY_HOSTS"))
    authority = certificates.Files.below(settings.DATA).authority
    return cast(Poster, made.configured(allowed, is_demo=settings.DEMO, authority=authority))
