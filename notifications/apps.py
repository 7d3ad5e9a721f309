from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    name = "notifications"

    def ready(self) -> None:
        from events.services import listen
        from notifications.tasks import wake_expand

        listen(wake_expand)
