"""Files as visitors get them. In front of this a web server answers what lies in its folder (deploy/nginx.conf)."""

import logging

from django.conf import settings
from django.core.signing import BadSignature
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from core import background, downloads
from media_assets import making, on_demand, serving, signed, storage, tasks

logger = logging.getLogger(__name__)


@require_safe
def serve(request: HttpRequest, name: str) -> HttpResponseBase:
    """A public file by its name, made when it is missing; for documents, sound and film the way to where they are."""
    file = serving.rendition_named(name)
    if file is None:
        asset = serving.asset_named(name)
        if asset is None:
            raise Http404
        if asset.kind != asset.Kind.IMAGE:
            return _led_on(signed.address_of(asset), serving.BRIEFLY)
        file = serving.web_copy(asset)
    elif file.name != name:
        return _led_on(settings.MEDIA_URL + file.name, storage.FOR_MINUTES)
    try:
        return _public(request, file)
    except (making.MakingRefused, FileNotFoundError) as error:
        raise Http404 from error
    except making.MakingFailed as error:
        logger.error("%s cannot be shown: %s", name, error)
        return _not_now("This picture cannot be shown now. Try again in a minute.", 60)
    except on_demand.Later as later:
        if later.for_worker:
            background.enqueue(tasks.make_renditions, later.for_worker)
        return _not_now("This picture is being made. Try again in a moment.", on_demand.AGAIN_AFTER)


def _public(request: HttpRequest, file: serving.PublicFile) -> HttpResponseBase:
    # A CDN without a bucket fetches from here, so it is not sent to itself.
    if storage.is_remote():
        if not file.is_there():
            file.make()
        return _led_on(storage.public_url(file.name), storage.FOR_MINUTES)
    headers = serving.headers(file.mime_type, storage.keep_of(file.name))
    try:
        return downloads.answer(request, file.path, headers)
    except FileNotFoundError:
        file.make()
        return downloads.answer(request, file.path, headers)


def _not_now(sentence: str, again_after: int) -> HttpResponse:
    return HttpResponse(
        sentence,
        status=503,
        content_type="text/plain; charset=utf-8",
        headers={"Retry-After": str(again_after), "Cache-Control": "no-store"},
    )


def _led_on(address: str, keep: str) -> HttpResponse:
    response = redirect(address)
    response["Cache-Control"] = keep
    return response


@require_safe
def serve_signed(request: HttpRequest, token: str) -> HttpResponseBase:
    """A file of the private folder, to whoever has an address that was signed here and has not run out."""
    try:
        opening = signed.open_name(token)
    except BadSignature as error:
        raise Http404 from error
    headers = serving.signed_headers(opening)
    if settings.FILES_BY_NGINX:
        return HttpResponse(headers={**headers, "X-Accel-Redirect": serving.nginx_path(opening.name)})
    try:
        return downloads.answer(request, storage.originals().path(opening.name), headers)
    except FileNotFoundError as error:
        raise Http404 from error
