"""The contact form: shown, checked, kept, thanked for."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe
from django_ratelimit.core import get_usage

from accounts.addresses import client_network
from accounts.rates import UNCOUNTABLE
from blog import contact as letters
from blog.editions import alternates_of_list
from blog.forms import ContactForm, opened_now
from blog.heads import Head, absolute, with_site_name
from blog.views.errors import too_many
from core import publication

# Messages one address may send an hour.
RATE = "5/h"


def caller(group: str, request: HttpRequest) -> str:
    return client_network(request)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def contact(request: HttpRequest) -> HttpResponse:
    form = ContactForm(request.POST or None, initial={"opened": opened_now()})
    if request.method == "POST" and form.is_valid():
        wanted = {name: form.cleaned_data[name] for name in ("name", "email", "subject", "message")}
        message_id = letters.id_of(form.cleaned_data["opened"], wanted)
        if letters.is_here(message_id):
            return redirect("contact_sent")
        try:
            usage = get_usage(request, group="contact", key=caller, rate=RATE, increment=True)
        except UNCOUNTABLE:
            form.add_error(
                None, _("No message can be taken right now. What you wrote is still here; send it again later.")
            )
        else:
            if usage and usage["should_limit"]:
                return too_many(request, seconds=max(60, usage["time_left"]))
            letters.receive(**wanted, message_id=message_id)
            return redirect("contact_sent")
    if form.is_bound:
        form.with_a_fair_time()
    context = {
        "form": form,
        "intro": letters.page_above(),
        "head": Head(
            title=with_site_name(_("Contact")),
            share_title=_("Contact"),
            description=_("Write to the editors of %(name)s.") % {"name": publication.current().name},
            canonical=absolute(reverse("contact")),
            alternates=alternates_of_list(request),
        ),
        "section": "contact",
    }
    return render(request, "blog/contact.html", context, status=400 if form.errors else 200)


@require_safe
def contact_sent(request: HttpRequest) -> HttpResponse:
    return render(
        request, "blog/contact_sent.html", {"head": Head(title=with_site_name(_("Message sent")), noindex=True)}
    )
