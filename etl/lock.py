"""One loader at a time. The second is told who holds the lock; a dead holder's lock is free by itself."""

import fcntl
import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path


class LockHeldError(Exception):
    """Another process is loading."""


@contextmanager
def loader_lock(home: Path, command: str) -> Iterator[None]:
    """Hold CANBAO_HOME/lock. Raises LockHeldError with process, machine and start of the holder."""
    home.mkdir(parents=True, exist_ok=True)
    with open(home / "lock", "a+", encoding="utf-8") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            handle.seek(0)
            raise LockHeldError(_describe(handle.read())) from None
        handle.truncate(0)
        holder = {
            "pid": os.getpid(),
            "host": socket.gethostname(),
            "since": datetime.now().isoformat(timespec="seconds"),
            "command": command,
        }
        handle.write(json.dumps(holder))
        handle.flush()
        try:
            yield
        finally:
            handle.truncate(0)


def _describe(text: str) -> str:
    try:
        holder = json.loads(text)
        return (
            f"another load is running: {holder['command']}, process {holder['pid']} on {holder['host']}, "
            f"since {holder['since']}; wait for it, or stop it, and start again"
        )
    except (ValueError, KeyError):
        return "another load is just starting; try again in a moment"
