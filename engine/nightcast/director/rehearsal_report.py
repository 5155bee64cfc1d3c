"""A rehearsal as a page that a brand reads before it dares to sleep, and as JSON for programs."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import asdict
from datetime import timedelta
from math import ceil
from typing import Any

from nightcast.director.charts import bars, dots, over_time, shares_over_time, timeline
from nightcast.director.rehearse import Heard, Rehearsal
from nightcast.show import Show

__all__ = ["as_json", "as_page"]

#: For what a language model would cost: a token is about 4 characters of English, or 1 of Chinese.
_PROMPT_TOKENS_PER_SEGMENT = 1_400
_FIRST_LINES, _LINES_AN_HOUR = 80, 40

_STYLE = """
:root { color-scheme: light dark; font: 15px/1.55 system-ui, "Noto Sans CJK SC", sans-serif; }
body { max-width: 780px; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; margin-bottom: 0; } h2 { font-size: 1.1rem; margin-top: 2.2rem; }
.verdict { padding: .8rem 1rem; border-radius: .6rem; font-weight: 600; }
.good { background: #44af6922; border: 1px solid #44af69; } .bad { background: #d1495b22; border: 1px solid #d1495b; }
table { border-collapse: collapse; width: 100%; }
td, th { text-align: left; padding: .25rem .6rem .25rem 0; vertical-align: top; }
.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
svg { width: 100%; } svg text { font-size: 12px; fill: currentColor; } .value { opacity: .75; }
.limit { stroke: #d1495b; stroke-dasharray: 5 4; } .quiet { opacity: .7; }
.key { margin-right: 1rem; white-space: nowrap; }
.key i { display: inline-block; width: .8em; height: .8em; margin-right: .35em; border-radius: 2px; }
summary { cursor: pointer; margin-top: .8rem; font-weight: 600; }
tr.seg td { border-top: 1px solid #8883; padding-top: .5rem; opacity: .75; font-size: .9em; }
"""


def as_json(rehearsal: Rehearsal, show: Show) -> dict[str, Any]:
    """All of it, spoken lines included."""
    return {**asdict(rehearsal), "airtime_s": rehearsal.airtime_s, "llm": _cost(rehearsal, show)}


def as_page(rehearsal: Rehearsal, show: Show) -> str:
    """One HTML page, with its plots inside."""
    title = html.escape(rehearsal.title)
    good, limits = not rehearsal.broken, show.script.limits
    verdict = "This night keeps the script's limits." if good else "This night breaks limits of its script:"
    broken = "".join(f"<li>{html.escape(item)}</li>" for item in rehearsal.broken)
    airtime = {name or "other": seconds / 60 for name, seconds in rehearsal.airtime_s.items()}
    sections = [
        f"<h1>{title}</h1><p class=quiet>Rehearsed {rehearsal.hours:g} h from {rehearsal.began:%Y-%m-%d %H:%M}, "
        f"seed {rehearsal.seed}.</p>",
        f'<div class="verdict {"good" if good else "bad"}">{verdict}{f"<ul>{broken}</ul>" if broken else ""}</div>',
        _table(_figures(rehearsal, show)),
        "<h2>Airtime by product</h2>" + bars(airtime, "min"),
        "<h2>The night</h2>" + timeline(_spans(rehearsal), rehearsal.hours * 3600),
        "<h2>Repetition by the hour</h2><p class=quiet>Share of 12-word (or 12-character) runs heard before.</p>"
        + over_time(rehearsal.repetition_by_hour, limits.repetition, ""),
        "<h2>Mandatory slots: how late</h2><p class=quiet>Seconds after the moment at which each was due.</p>"
        + dots(rehearsal.slot_times_s, rehearsal.hours * 3600, limits.slot_late_s, "s")
        + _slots(rehearsal),
        "<h2>Silence by the hour</h2><p class=quiet>The longest pause between two sentences, in seconds.</p>"
        + over_time(rehearsal.silence_by_hour, limits.silence_s, "s"),
        "<h2>Questions by the hour</h2>"
        + shares_over_time(
            rehearsal.answered_by_hour, rehearsal.questions_by_hour, ("answered from facts", "asked in all")
        ),
        "<h2>The gate</h2>" + bars({name: float(count) for name, count in rehearsal.verdicts.items()}, "lines"),
        "<h2>What would be said</h2>" + _lines(rehearsal),
    ]
    return (
        f'<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content="width=device-width">'
        f"<title>Rehearsal: {title}</title><style>{_STYLE}</style><body>{''.join(sections)}</body></html>\n"
    )


def _figures(rehearsal: Rehearsal, show: Show) -> list[tuple[str, str]]:
    money = show.catalog.money
    cost = _cost(rehearsal, show)
    repetition = ", ".join(f"{name} {value:.3f}" for name, value in rehearsal.repetition.items())
    price = f", about ${cost['usd']:.2f}" if cost["usd"] is not None else ""
    return [
        ("sentences", f"{len(rehearsal.heard):,}"),
        ("characters", f"{rehearsal.characters:,}"),
        ("12-gram self-repetition", f"{repetition} (limit {show.script.limits.repetition:g})"),
        ("sentences twice within their rest", str(rehearsal.repeated_within_rest)),
        ("longest silence", f"{rehearsal.longest_silence_s:.1f} s"),
        (
            "comments, of these questions, answered from facts",
            f"{rehearsal.comments:,}, {rehearsal.questions:,}, {rehearsal.answered:,}",
        ),
        ("simulated orders", f"{rehearsal.orders:,} ({money(rehearsal.sales_minor)})"),
        ("lines the gate dropped", str(len(rehearsal.dropped))),
        ("a language model instead", f"{cost['tokens_in']:,} tokens in, {cost['tokens_out']:,} out{price}"),
    ]


def _cost(rehearsal: Rehearsal, show: Show) -> dict[str, Any]:
    """What a model would have taken for the same night."""
    planned = [line for line in rehearsal.heard if line.kind not in ("answer", "bridge")]
    segments = len({line.segment for line in planned})
    tokens_out = sum(len(line.text) if line.language == "zh" else len(line.text) // 4 for line in planned)
    tokens_in = segments * _PROMPT_TOKENS_PER_SEGMENT
    prices = show.script.planner
    usd = None
    if prices.usd_per_million_in is not None and prices.usd_per_million_out is not None:
        usd = (tokens_in * prices.usd_per_million_in + tokens_out * prices.usd_per_million_out) / 1e6
    return {"tokens_in": tokens_in, "tokens_out": tokens_out, "usd": usd}


def _table(rows: list[tuple[str, str]]) -> str:
    return "<table>" + "".join(f"<tr><td>{html.escape(k)}<td>{html.escape(v)}" for k, v in rows) + "</table>"


def _spans(rehearsal: Rehearsal) -> list[tuple[float, float, str]]:
    spans: list[tuple[float, float, str]] = []
    for line in rehearsal.heard:
        name = line.product or ""
        if spans and spans[-1][2] == name and line.at_s - (spans[-1][0] + spans[-1][1]) < 3:
            spans[-1] = (spans[-1][0], line.at_s + line.duration_s - spans[-1][0], name)
        else:
            spans.append((line.at_s, line.duration_s, name))
    return spans


def _slots(rehearsal: Rehearsal) -> str:
    rows = "".join(
        f"<tr><td>{html.escape(name)}<td class=n>{len(late)}<td class=n>{sorted(late)[len(late) // 2]:.0f} s"
        f"<td class=n>{max(late):.0f} s"
        for name, late in rehearsal.slot_lateness_s.items()
    )
    return (
        f"<table><tr><th>slot<th class=n>times<th class=n>usually late<th class=n>latest{rows}</table>" if rows else ""
    )


def _lines(rehearsal: Rehearsal) -> str:
    """The beginning, and some of every hour that follows: three in the morning should read unlike ten at night."""
    parts = [_table_of(rehearsal.heard[:_FIRST_LINES])]
    shown_until_s = rehearsal.heard[: _FIRST_LINES + 1][-1].at_s if rehearsal.heard else 0.0
    for hour in range(1, ceil(rehearsal.hours)):
        lines = [line for line in rehearsal.heard if line.at_s >= max(hour * 3600, shown_until_s)][:_LINES_AN_HOUR]
        if lines:
            clock = rehearsal.began + timedelta(hours=hour)
            parts.append(f"<details><summary>from {clock:%H:%M} on</summary>{_table_of(lines)}</details>")
    return "".join(parts) + f"<p class=quiet>All {len(rehearsal.heard):,} sentences are in the JSON report.</p>"


def _table_of(lines: Sequence[Heard]) -> str:
    rows, segment = [], ""
    for line in lines:
        if line.segment != segment:
            segment = line.segment
            rows.append(
                f"<tr class=seg><td class=n>{_clock(line.at_s)}<td>{html.escape(line.kind)}: {html.escape(line.reason)}"
            )
        rows.append(f"<tr><td><td>{html.escape(line.text)}")
    return f"<table>{''.join(rows)}</table>"


def _clock(at_s: float) -> str:
    return f"{int(at_s // 3600)}:{int(at_s // 60 % 60):02d}:{int(at_s % 60):02d}"
