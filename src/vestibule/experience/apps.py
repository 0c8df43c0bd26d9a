from django.apps import AppConfig


class ExperienceConfig(AppConfig):
    name = "vestibule.experience"
    label = "experience"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from vestibule.experience.needed_pictures import names_media
        from vestibule.meetings import area_pictures

        if names_media not in area_pictures.IS_NEEDED:
            area_pictures.IS_NEEDED.append(names_media)
