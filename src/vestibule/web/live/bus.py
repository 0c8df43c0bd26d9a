"""The bus of a single process: there is nobody else to tell."""

from collections.abc import Callable


class InProcessBus:
    """Does nothing, since the hub hands messages to its own people itself."""

    async def start(self, receive: Callable[[str, bytes], None]) -> None:
        """Nothing to connect to."""

    async def stop(self) -> None:
        """Nothing to disconnect from."""

    def publish(self, channel: str, message: bytes) -> None:
        """Nobody else listens."""

    def subscribe(self, channel: str) -> None:
        """Nothing will come."""

    def unsubscribe(self, channel: str) -> None:
        """Nothing came."""
