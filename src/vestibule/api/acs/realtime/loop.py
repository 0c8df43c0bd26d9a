"""The loop that serves in this process: noted when that starts, before anything else of this package is loaded."""

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vestibule.api.acs.realtime.exchange import Exchange


class Here:
    """The loop that serves in this process, and its exchange once there is one."""

    loop: asyncio.AbstractEventLoop | None = None
    exchange: "Exchange | None" = None


async def start() -> None:
    """Note the loop that serves, for what is told from threads before anybody comes."""
    Here.loop = asyncio.get_running_loop()


async def stop() -> None:
    """Stop what was begun on the loop."""
    exchange, Here.exchange, Here.loop = Here.exchange, None, None
    if exchange is not None:
        await exchange.stop()
