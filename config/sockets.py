"""Addresses of the web sockets."""

from channels.generic.websocket import AsyncJsonWebsocketConsumer
from django.urls import URLPattern, re_path

from accounts.sockets import NotificationsConsumer
from blog.sockets import EditingConsumer
from comments.sockets import ReadingConsumer


class UnknownAddress(AsyncJsonWebsocketConsumer):
    """Close a socket at an address nobody serves, instead of an error in the log."""

    async def connect(self) -> None:
        await self.close(code=4404)


websocket_urlpatterns: list[URLPattern] = [
    re_path(r"^ws/notifications/$", NotificationsConsumer.as_asgi()),
    re_path(r"^ws/editing/(?P<pk>[0-9]{1,18})/$", EditingConsumer.as_asgi()),
    re_path(r"^ws/posts/(?P<slug>[-\w]{1,200})/$", ReadingConsumer.as_asgi()),
    re_path(r"", UnknownAddress.as_asgi()),
]
