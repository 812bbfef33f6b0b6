from django.apps import AppConfig


class BlogConfig(AppConfig):
    name = "blog"
    verbose_name = "Publication"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from blog import (
            publication,
            receivers,  # noqa: F401  (connects them)
        )

        publication.connect()
