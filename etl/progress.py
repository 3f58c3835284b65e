"""Progress of long work on the terminal: what, how fast, how long still."""

import sys
import time


class Progress:
    """Writes to stderr: one line rewritten on a terminal, a line per step elsewhere."""

    def __init__(self, is_quiet: bool = False) -> None:
        self._is_quiet = is_quiet
        self._is_terminal = sys.stderr.isatty()
        self._name = ""
        self._total = self._done = 0
        self._started = self._shown_at = time.monotonic()

    def begin(self, name: str, total_bytes: int) -> None:
        """Start counted work of `total_bytes`."""
        self._name, self._total, self._done = name, total_bytes, 0
        self._started = time.monotonic()

    def advance(self, done_bytes: int) -> None:
        """`done_bytes` more are done."""
        self._done += done_bytes
        now = time.monotonic()
        is_last = self._done >= self._total
        if self._is_quiet or (now - self._shown_at < (0.2 if self._is_terminal else 5) and not is_last):
            return
        self._shown_at = now
        seconds = max(now - self._started, 1e-3)
        rate = self._done / seconds
        left = (self._total - self._done) / rate if rate else 0
        text = f"{self._name} {self._done / 2**20:,.0f} of {self._total / 2**20:,.0f} MiB, {rate / 2**20:,.0f} MiB/s"
        self._write(f"{text}, {left:,.0f} s left" if not is_last else f"{text}, {seconds:,.1f} s", is_last)

    def step(self, name: str) -> None:
        """A step of uncounted work begins."""
        if not self._is_quiet:
            self._write(f"{name} …", is_last=not self._is_terminal)

    def _write(self, text: str, is_last: bool) -> None:
        start, end = ("\r\x1b[K", "\n" if is_last else "") if self._is_terminal else ("", "\n")
        sys.stderr.write(f"{start}{text}{end}")
        sys.stderr.flush()
