"""The app over a world that counts writes, for ``tests.tui.chunks``: on a pseudo-terminal, with a
socket beside it on which it is told which screen to show and asked what has come about.

``python -m tests.tui.chunks_app FOLDER FD``
"""

from __future__ import annotations

import asyncio
import json
import math
import socket
import sys
import threading
from pathlib import Path

from textual import events

from kops_tui.app import KopsApp
from kops_tui.input_router import Burst, ConfirmationScreen
from tests.tui.world import PROD, World

MARK = "f12"
"""A key that is bound to nothing, by which the other side knows how far its bytes have come."""


class ChunksApp(KopsApp):
    """The app, with an observer."""

    def __init__(self, world: World, control: socket.socket) -> None:
        super().__init__(world.engine, now=world.clock.now)
        self.world = world
        self.control = control
        self.marks = 0
        put = self.input.put

        def counted(burst: Burst) -> None:
            self.marks += sum(isinstance(each, events.Key) and each.key == MARK for each in burst.sent)
            put(burst)

        self.input.put = counted  # type: ignore[method-assign]

    def on_mount(self) -> None:  # beside the base class's, which textual calls too
        loop = asyncio.get_running_loop()
        threading.Thread(target=self._serve, args=(loop,), daemon=True).start()

    def _serve(self, loop: asyncio.AbstractEventLoop) -> None:
        with self.control.makefile("rw") as lines:
            for line in lines:
                told = asyncio.run_coroutine_threadsafe(self._obey(json.loads(line)), loop).result()
                lines.write(json.dumps(told) + "\n")
                lines.flush()

    async def _obey(self, asked: dict[str, object]) -> dict[str, object]:
        """Show a screen if asked to, wait for a mark, and tell how things are."""
        if screen := asked.get("show"):
            with self._context():  # this comes from the thread of the socket, which is in no app
                self._show(str(screen))
        while self.marks < int(str(asked.get("mark", 0))):
            await asyncio.sleep(0.001)
        for _ in range(3):
            while not self.input.idle or any(
                each.group != "runs" and not each.is_finished for each in self.workers
            ):
                await asyncio.sleep(0.001)
            await asyncio.sleep(0)
        if asked.get("ended"):
            while self.run_under_way is not None:
                await asyncio.sleep(0.001)
        while isinstance(self.screen, ConfirmationScreen) and self.screen.shown_at == math.inf:
            await asyncio.sleep(0.001)
        screen_now = self.screen
        question = getattr(screen_now, "question", None)
        return {
            "screen": type(screen_now).__name__,
            "asks": isinstance(screen_now, ConfirmationScreen),
            "typed": getattr(question, "typed", ""),
            "title": getattr(question, "title", ""),
            "writes": [*self.world.store.written, *self.world.changes],
            "size": len(self.screen_stack),
            "fault": self.fault.what if self.fault else "",
        }

    def _show(self, screen: str) -> None:
        while len(self.screen_stack) > 2:
            self.pop_screen()
        if screen in ("runs", "help"):
            self.action_command(screen)
        elif screen != "fleet":
            self.open_screen(screen, PROD)


def main() -> None:
    folder, control = Path(sys.argv[1]), socket.socket(fileno=int(sys.argv[2]))
    world = World.make(folder, environment={"EDITOR": "true"})
    ChunksApp(world, control).run(mouse=True)


if __name__ == "__main__":
    main()
