"""People in the admin: accounts and roles, the groups behind the roles, the outbox."""

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from accounts.admin import audit, cache, notifications, outbox, people  # noqa: F401  (registers them)


def change_own_password(request: HttpRequest, extra_context: dict | None = None) -> HttpResponse:
    return redirect("account_change_password")


# One log-in for the site and the desk: confirmation, lock-out and limits hold at both doors.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]
admin.site.password_change = change_own_password  # type: ignore[method-assign,assignment]
cache.mount()
