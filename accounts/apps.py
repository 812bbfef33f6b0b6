from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = "People"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from allauth.core.internal import ratelimit

        from accounts import personal_data, receivers  # noqa: F401  (connects them)
        from accounts.limits import LimitsCache

        # allauth has no setting for the cache its limits live in, and the default one may be emptied at any time
        ratelimit.cache = LimitsCache()
        personal_data.register("account", personal_data.parts_of)
