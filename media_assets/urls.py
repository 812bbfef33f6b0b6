"""The addresses of files, and of the upload protocol."""

from django.urls import path

from media_assets import portrait_views, upload_views, views
from media_assets.api.uploads import Uploads

# What people do on pages of theirs, which each edition has under its code.
editions = [path("me/author-page/picture/", portrait_views.change, name="my_picture")]

urlpatterns = [
    path("media/signed/<str:token>", views.serve_signed, name="signed_media"),
    path("media/uploads/<uuid:ticket_id>/", upload_views.receive, name="receive_upload"),
    path("media/<path:name>", views.serve, name="media"),
    path("api/v1/media/uploads/", Uploads.as_view({"post": "create"}), name="ask_upload"),
    path(
        "api/v1/media/uploads/<uuid:ticket_id>/complete/",
        Uploads.as_view({"post": "complete"}),
        name="complete_upload",
    ),
]
