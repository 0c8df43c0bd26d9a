from django.apps import AppConfig
from django.db.models.signals import post_migrate


class BookingConfig(AppConfig):
    name = "vestibule.booking"
    label = "booking"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from vestibule.booking import checks, guards

        post_migrate.connect(guards.after_migrate, sender=self, dispatch_uid="vestibule.booking.guards")
        checks.register()
