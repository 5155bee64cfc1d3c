"""When a night is said to begin, where nobody's clock on the wall decides: in renders and rehearsals."""

from __future__ import annotations

from datetime import datetime, time
from zoneinfo import ZoneInfo

from nightcast.show import Show

__all__ = ["beginning_of_night"]


def beginning_of_night(show: Show, moment: datetime | None = None) -> datetime:
    """`moment` in the night's time zone; else the script's hour, on the newest day of the catalog's facts."""
    zone = ZoneInfo(show.script.night.timezone)
    if moment is not None:
        return moment.astimezone(zone) if moment.tzinfo else moment.replace(tzinfo=zone)
    day = max(product.as_of for product in show.catalog.products)
    return datetime.combine(day, time.fromisoformat(show.script.night.from_), zone)
