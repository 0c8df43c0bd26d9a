"""`python -m bench.brand_fill SLUG`: give a business all it can choose, with pictures that no format makes smaller."""

import os
import sys
from io import BytesIO

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vestibule.settings")


def main() -> None:
    """Dress the business that is named."""
    import django

    django.setup()
    from PIL import Image

    from vestibule.people import brand
    from vestibule.people.models import Business
    from vestibule.people.permissions import SYSTEM

    business = Business.objects.get(slug=sys.argv[1])
    brand.change(SYSTEM, business, colour="#7a1f5c", font="serif", corners="round", density="compact", scheme="dark")
    for kind in brand.PICTURES:
        out = BytesIO()
        Image.effect_noise((960, 288), 90).convert("RGB").save(out, "PNG")
        brand.put(SYSTEM, business, kind, out.getvalue(), "Lakeside")


if __name__ == "__main__":
    main()
