from django.apps import AppConfig


class ExperienceConfig(AppConfig):
    name = "vestibule.experience"
    label = "experience"
    default_auto_field = "django.db.models.BigAutoField"
