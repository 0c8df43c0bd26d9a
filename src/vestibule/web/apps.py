from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "vestibule.web"
    label = "web"
