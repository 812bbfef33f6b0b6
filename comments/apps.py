from django.apps import AppConfig


class CommentsConfig(AppConfig):
    name = "comments"
    verbose_name = "Conversation"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from accounts.personal_data import register
        from comments import page_receivers, receivers  # noqa: F401  (connects them; what is kept goes first)
        from comments.personal_data import parts_of

        register("comments", parts_of)
