"""Small plots as SVG in a page, readable without a network: bars by name, and a line over the night."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence

__all__ = ["bars", "dots", "over_time", "shares_over_time", "timeline"]

_COLOURS = (
    "#e07a2f",
    "#3f88c5",
    "#44af69",
    "#d1495b",
    "#8a6fb0",
    "#2e9c9c",
    "#b5893b",
    "#6c757d",
    "#c06c84",
    "#577590",
    "#a3b18a",
    "#7f5539",
)


def bars(values: Mapping[str, float], unit: str) -> str:
    """Horizontal bars, the longest first."""
    if not values:
        return "<p class=quiet>Nothing.</p>"
    top = max(values.values()) or 1.0
    rows = []
    for index, (name, value) in enumerate(sorted(values.items(), key=lambda item: -item[1])):
        y = index * 26
        width, colour = 420 * value / top, _COLOURS[index % len(_COLOURS)]
        rows.append(
            f'<text x="150" y="{y + 16}" text-anchor="end">{html.escape(name)}</text>'
            f'<rect x="160" y="{y + 4}" width="{width:.1f}" height="16" rx="3" fill="{colour}"/>'
            f'<text x="{168 + width:.1f}" y="{y + 16}" class="value">{value:,.1f} {html.escape(unit)}</text>'
        )
    return f'<svg viewBox="0 0 680 {len(values) * 26}" role="img">{"".join(rows)}</svg>'


def over_time(values: Sequence[float], limit: float | None, unit: str) -> str:
    """One value an hour, and the limit it must stay under."""
    if not values:
        return "<p class=quiet>Nothing.</p>"
    top = max([*values, limit or 0.0, 1e-6]) * 1.15
    step = 600 / max(len(values), 1)
    shapes = _hours(len(values), step)
    for hour, value in enumerate(values):
        shapes.append(_bar(hour, step, value / top, _COLOURS[1], f"hour {hour}: {value:.3f} {html.escape(unit)}"))
    if limit is not None:
        y = 150 - 140 * limit / top
        shapes.append(
            f'<line x1="45" x2="660" y1="{y:.1f}" y2="{y:.1f}" class="limit"/>'
            f'<text x="40" y="{y + 4:.1f}" text-anchor="end">{limit:g}</text>'
        )
    return f'<svg viewBox="0 0 680 180" role="img">{"".join(shapes)}</svg>'


def _bar(hour: int, step: float, share: float, colour: str, title: str) -> str:
    """An hour's bar, `share` of the chart's height; `title` shows under the pointer."""
    height = 140 * share
    return (
        f'<rect x="{50 + hour * step:.1f}" y="{150 - height:.1f}" width="{step * 0.8:.1f}" height="{height:.1f}" '
        f'rx="2" fill="{colour}"><title>{title}</title></rect>'
    )


def _hours(count: int, step: float) -> list[str]:
    """The labels under an hourly chart, at most some twelve."""
    return [
        f'<text x="{50 + (hour + 0.4) * step:.1f}" y="168" text-anchor="middle">{hour}</text>'
        for hour in range(0, count, max(1, count // 12))
    ]


def shares_over_time(parts: Sequence[int], wholes: Sequence[int], names: tuple[str, str]) -> str:
    """Two counts an hour, the first one a part of the second, one drawn before the other. `names` go to the legend."""
    if not any(wholes):
        return "<p class=quiet>Nothing.</p>"
    top = max(wholes) * 1.15
    step = 600 / max(len(wholes), 1)
    shapes = _hours(len(wholes), step)
    for hour, (part, whole) in enumerate(zip(parts, wholes, strict=True)):
        for value, colour in ((whole, _COLOURS[7]), (part, _COLOURS[2])):
            shapes.append(_bar(hour, step, value / top, colour, f"hour {hour}: {part} of {whole}"))
    shapes.append(f'<text x="40" y="{150 - 140 * max(wholes) / top + 4:.1f}" text-anchor="end">{max(wholes)}</text>')
    return f'<svg viewBox="0 0 680 180" role="img">{"".join(shapes)}</svg><p>{_legend(names, (2, 7))}</p>'


def dots(points: Mapping[str, Sequence[tuple[float, float]]], total_s: float, limit: float, unit: str) -> str:
    """A dot for each thing that happened at (seconds from the beginning, value), one colour for each name."""
    if not any(points.values()):
        return "<p class=quiet>None in this script.</p>"
    top = max([limit, *(value for values in points.values() for _, value in values)]) * 1.15
    hours = max(1.0, total_s / 3600)
    shapes = []
    for number, (name, values) in enumerate(points.items()):
        for at_s, value in values:
            x, y = 50 + 600 * at_s / 3600 / hours, 150 - 140 * value / top
            shapes.append(
                f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.2" fill="{_COLOURS[number % len(_COLOURS)]}" opacity="0.85">'
                f"<title>{html.escape(name)}, {at_s / 3600:.2f} h: {value:.0f} {html.escape(unit)}</title></circle>"
            )
    for hour in range(0, int(hours) + 1, max(1, int(hours) // 12)):
        shapes.append(f'<text x="{50 + 600 * hour / hours:.1f}" y="168" text-anchor="middle">{hour}</text>')
    y = 150 - 140 * limit / top
    shapes.append(
        f'<line x1="45" x2="660" y1="{y:.1f}" y2="{y:.1f}" class="limit"/>'
        f'<text x="40" y="{y + 4:.1f}" text-anchor="end">{limit:g}</text>'
        '<line x1="45" x2="660" y1="150" y2="150" stroke="currentColor" opacity="0.25"/>'
        '<text x="40" y="154" text-anchor="end">0</text>'
    )
    legend = _legend(tuple(points), tuple(range(len(points))))
    return f'<svg viewBox="0 0 680 180" role="img">{"".join(shapes)}</svg><p>{legend}</p>'


def _legend(names: Sequence[str], colours: Sequence[int]) -> str:
    return "".join(
        f'<span class=key><i style="background:{_COLOURS[colour % len(_COLOURS)]}"></i>{html.escape(name)}</span>'
        for name, colour in zip(names, colours, strict=True)
    )


def timeline(spans: Sequence[tuple[float, float, str]], total_s: float) -> str:
    """What was on air when: rows of hours, one colour for each name. `spans` are (at_s, length_s, name)."""
    names = list(dict.fromkeys(name for _, _, name in spans))
    colour = {name: _COLOURS[index % len(_COLOURS)] for index, name in enumerate(names)}
    hours = max(1, round(total_s / 3600 + 0.49))
    shapes = [f'<text x="34" y="{hour * 18 + 13}" text-anchor="end">{hour}</text>' for hour in range(hours)]
    for at_s, length_s, name in spans:
        while length_s > 0:
            hour = int(at_s // 3600)
            part_s = min(length_s, (hour + 1) * 3600 - at_s)
            x, width = 42 + (at_s - hour * 3600) / 3600 * 620, max(part_s / 3600 * 620, 0.4)
            shapes.append(
                f'<rect x="{x:.1f}" y="{hour * 18 + 2}" width="{width:.2f}" height="14" fill="{colour[name]}">'
                f"<title>{html.escape(name)}</title></rect>"
            )
            at_s, length_s = at_s + part_s, length_s - part_s
    legend = _legend([name or "no product" for name in names], range(len(names)))
    return f'<svg viewBox="0 0 680 {hours * 18 + 4}" role="img">{"".join(shapes)}</svg><p>{legend}</p>'
