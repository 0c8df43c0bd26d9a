from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "vestibule.web"
    label = "web"

    def ready(self) -> None:
        """Have whoever signs out be told nothing more in that browser."""
        from vestibule.web.account import signing_out

        signing_out.listen()
