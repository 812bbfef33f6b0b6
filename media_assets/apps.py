from django.apps import AppConfig


class MediaAssetsConfig(AppConfig):
    name = "media_assets"
    verbose_name = "Media"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from accounts.personal_data import register
        from media_assets import (
            personal_data,
            receivers,  # noqa: F401  (connects them)
        )

        register("media", personal_data.parts_of)
