"""The business clock: which day it is for those who work with this product.

In production the server's date in Asia/Shanghai. In the demo the campaign's as-of day, advancing with the time elapsed
since the server started; the shell labels it. Nothing else in the dashboard asks the system what time it is.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Asia/Shanghai")


def system_now() -> datetime:
    """The server's instant, aware, in Asia/Shanghai."""
    return datetime.now(UTC).astimezone(ZONE)


@dataclass(frozen=True)
class BusinessClock:
    """`started_at` is when the server started (aware); only the demo needs it."""

    is_demo: bool
    started_at: datetime
    now: Callable[[], datetime] = system_now

    def today(self, as_of_on: date) -> date:
        """The business day. In the demo `as_of_on` plus the midnights passed since the start."""
        today = self.now().astimezone(ZONE).date()
        if not self.is_demo:
            return today
        return as_of_on + (today - self.started_at.astimezone(ZONE).date())

    def age_seconds(self, instant: datetime) -> int:
        """Whole seconds since `instant` by the server's clock. Naive instants are wall time in Asia/Shanghai."""
        aware = instant if instant.tzinfo else instant.replace(tzinfo=ZONE)
        return int((self.now() - aware).total_seconds())
