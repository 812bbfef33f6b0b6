"""Everything that was put right, newest first."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from blog import corrections
from blog.heads import head_of_list
from blog.paging import page_of
from core import publication


@require_safe
def all_corrections(request: HttpRequest) -> HttpResponse:
    path = reverse("corrections")
    page = page_of(request, corrections.newest(), path)
    description = _("What %(site)s got wrong and has put right.") % {"site": publication.current().name}
    head = head_of_list(_("Corrections"), path, page, description=description, feed=reverse("corrections_feed"))
    return render(
        request,
        "blog/corrections.html",
        {"head": head, "page": page, "path": path, "feed": reverse("corrections_feed"), "description": description},
    )
