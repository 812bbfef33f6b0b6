"""Readers' addresses."""

from django.http import HttpRequest, HttpResponse
from django.urls import path


def soon(request: HttpRequest, **parts: object) -> HttpResponse:
    return HttpResponse("soon")


urlpatterns = [
    path("", soon, name="home"),
    path("blog/<str:slug>/", soon, name="post"),
    path("category/<path:path>/", soon, name="category"),
    path("tag/<str:slug>/", soon, name="tag"),
    path("topic/<str:slug>/", soon, name="topic"),
    path("author/<str:slug>/", soon, name="author"),
    path("<str:slug>/", soon, name="page"),
]
