"""Addresses of the web sockets. Nobody listens yet; whoever does adds a line here."""

from channels.generic.websocket import AsyncJsonWebsocketConsumer
from django.urls import URLPattern, re_path


class UnknownAddress(AsyncJsonWebsocketConsumer):
    """Close a socket at an address nobody serves, instead of an error in the log."""

    async def connect(self) -> None:
        await self.close(code=4404)


websocket_urlpatterns: list[URLPattern] = [re_path(r"", UnknownAddress.as_asgi())]
