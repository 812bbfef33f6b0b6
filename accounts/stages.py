"""Steps between a right password and an open session."""

from allauth.account.models import EmailAddress
from allauth.account.stages import EmailVerificationStage
from django.http import HttpResponse


class ConfirmedAddressStage(EmailVerificationStage):
    """Asks for a confirmed address, except of those who have none at all.

    Nobody registers without an address; such an account was made by whoever runs the machine.
    """

    def handle(self) -> tuple[HttpResponse | None, bool]:
        user = self.login.user
        if user is not None and not user.email and not EmailAddress.objects.filter(user=user).exists():
            return None, True
        return super().handle()
