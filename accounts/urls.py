"""Addresses of people's own pages, which each edition has under its code; `config.urls` puts the code before them.

Of allauth's only those in use: what is not listed does not exist.
"""

from collections.abc import Callable

from allauth.account import views as allauth_views
from allauth.mfa.base import views as factor_views
from allauth.mfa.recovery_codes import views as recovery_views
from allauth.mfa.totp import views as totp_views
from django.http import HttpResponse
from django.urls import path, re_path
from django.views.decorators.cache import never_cache

from accounts import views
from accounts.views import in_our_name


def about_factors(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    return never_cache(in_our_name(view))


urlpatterns = [
    path("me/", views.me, name="me"),
    path("me/presence/", views.presence, name="my_presence"),
    path("me/author-page/", views.author_page, name="my_author_page"),
    path("me/sessions/", views.sessions, name="my_sessions"),
    path("me/tokens/", views.own_tokens, name="my_tokens"),
    path("me/data/", views.data, name="my_data"),
    path("me/notifications/", views.notices, name="my_notices"),
    path("me/notifications/read/", views.read_all_notices, name="my_notices_read"),
    path("me/notifications/<int:pk>/", views.follow_notice, name="my_notice"),
    path("me/notifications/choices/", views.mails, name="my_mails"),
    path("me/notifications/off/<str:token>/", views.mails_off, name="mails_off"),
    path("accounts/login/", in_our_name(allauth_views.login), name="account_login"),
    path("accounts/logout/", in_our_name(allauth_views.logout), name="account_logout"),
    path("accounts/inactive/", in_our_name(allauth_views.account_inactive), name="account_inactive"),
    path("accounts/signup/", in_our_name(views.SignupView.as_view()), name="account_signup"),
    path("accounts/reauthenticate/", in_our_name(allauth_views.reauthenticate), name="account_reauthenticate"),
    path("accounts/2fa/", about_factors(factor_views.index), name="mfa_index"),
    path("accounts/2fa/authenticate/", about_factors(factor_views.authenticate), name="mfa_authenticate"),
    path("accounts/2fa/reauthenticate/", about_factors(factor_views.reauthenticate), name="mfa_reauthenticate"),
    path("accounts/2fa/totp/activate/", about_factors(totp_views.activate_totp), name="mfa_activate_totp"),
    path("accounts/2fa/totp/deactivate/", about_factors(totp_views.deactivate_totp), name="mfa_deactivate_totp"),
    path(
        "accounts/2fa/recovery-codes/",
        about_factors(recovery_views.view_recovery_codes),
        name="mfa_view_recovery_codes",
    ),
    path(
        "accounts/2fa/recovery-codes/generate/",
        about_factors(recovery_views.generate_recovery_codes),
        name="mfa_generate_recovery_codes",
    ),
    path("accounts/email/", in_our_name(allauth_views.email), name="account_email"),
    path(
        "accounts/confirm-email/",
        in_our_name(allauth_views.email_verification_sent),
        name="account_email_verification_sent",
    ),
    path("accounts/confirm-email/resend/", views.resend_confirmation, name="account_resend_confirmation"),
    re_path(
        r"^accounts/confirm-email/(?P<key>[-:\w]+)/$",
        in_our_name(allauth_views.confirm_email),
        name="account_confirm_email",
    ),
    path("accounts/password/change/", in_our_name(allauth_views.password_change), name="account_change_password"),
    path("accounts/password/set/", in_our_name(allauth_views.password_set), name="account_set_password"),
    path("accounts/password/reset/", in_our_name(allauth_views.password_reset), name="account_reset_password"),
    path(
        "accounts/password/reset/done/",
        in_our_name(allauth_views.password_reset_done),
        name="account_reset_password_done",
    ),
    path(
        "accounts/password/reset/key/done/",
        in_our_name(allauth_views.password_reset_from_key_done),
        name="account_reset_password_from_key_done",
    ),
    re_path(
        r"^accounts/password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        in_our_name(allauth_views.password_reset_from_key),
        name="account_reset_password_from_key",
    ),
]
