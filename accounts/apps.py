from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"

    def ready(self) -> None:
        """The clock of a session starts whichever way somebody signed in."""
        from django.contrib.auth.signals import user_logged_in

        from accounts import checks, presence

        checks.install()
        user_logged_in.connect(presence.started, dispatch_uid="accounts.presence.started")
