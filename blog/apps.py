from django.apps import AppConfig


class BlogConfig(AppConfig):
    name = "blog"
    verbose_name = "Publication"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from django.db.models.signals import post_migrate

        from accounts.personal_data import register
        from blog import (
            change_triggers,
            personal_data,
            publication,
            receivers,  # noqa: F401  (connects them)
        )
        from blog.search import changes  # noqa: F401  (the same)

        publication.connect()
        post_migrate.connect(change_triggers.make_missing, sender=self, dispatch_uid="blog.change_triggers")
        register("blog", personal_data.parts_of, files_of=personal_data.files_of)
