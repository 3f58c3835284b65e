"""The audit: one line for every refusal and every change of access, beside the data and outside the database."""

import json
import os
from dataclasses import dataclass
from pathlib import Path

from dashboard.access import Viewer
from dashboard.clock import system_now


@dataclass(frozen=True)
class Audit:
    """Lines of `path`, appended whole so that several workers can write at once."""

    path: Path

    def note(self, event: str, viewer: Viewer | None, what: str) -> None:
        """Append who was refused or given what. A full disk must not turn a refusal into a server error."""
        record = {
            "at": system_now().isoformat(timespec="seconds"),
            "event": event,
            "role": viewer.role.value if viewer else None,
            "key_id": viewer.key_id if viewer else None,
            "what": what[:200],
        }
        line = json.dumps(record, ensure_ascii=False) + "\n"
        try:
            descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        except OSError:
            return
        try:
            os.write(descriptor, line.encode())
        finally:
            os.close(descriptor)
