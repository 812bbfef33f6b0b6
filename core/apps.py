from django.apps import AppConfig


class CoreConfig(AppConfig):
    name = "core"

    def ready(self) -> None:
        from core import (
            catalogues,
            checks,  # noqa: F401  (registers the system checks)
        )

        catalogues.compile_newer()  # before anything is said in another language
