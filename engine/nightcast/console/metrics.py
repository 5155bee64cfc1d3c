"""The night's figures as Prometheus reads them (text exposition format 0.0.4)."""

from __future__ import annotations

from collections.abc import Mapping

from nightcast.console.view import NightState

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


def render(state: NightState) -> str:
    """All metrics of a state, one text."""
    page = _Page()
    figures = state.figures
    page.add("on_air", "gauge", "1 while the night is on air", state.phase == "on_air")
    page.add("on_air_seconds", "gauge", "since the night began", state.on_air_s)
    page.add("ready_speech_seconds", "gauge", "speech that waits, gated and synthesised", state.ready_s)
    page.add("lines_spoken_total", "counter", "sentences spoken", state.spoken)
    page.add("viewers", "gauge", "viewers in the room", state.viewers)
    page.add("orders_total", "counter", "orders paid", state.orders)
    page.add("sales_minor_total", "counter", "sales", state.sales_minor, currency=state.currency)
    page.add("frames_total", "counter", "frames encoded", figures.frames)
    page.add("frames_repeated_total", "counter", "frames that showed the picture before once more", figures.repeated)
    page.add("picture_lag_frames", "gauge", "how many frames old the picture is", figures.lag_frames)
    page.add("draw_milliseconds", "gauge", "median time to draw a frame", figures.draw_ms)
    encoder = {"encoder": figures.encoder} if figures.encoder else {}
    page.add("encode_milliseconds", "gauge", "median time to mix and encode a frame", figures.encode_ms, **encoder)
    page.add("sound_rms_decibels", "gauge", "loudness of the last second, full scale", figures.rms_db)
    for process in state.processes:
        up = process.state == "running"
        page.add("process_up", "gauge", "1 while the process runs", up, process=process.name)
        page.add("process_restarts_total", "counter", "restarts", process.restarts, process=process.name)
    for output in state.outputs:
        names = {"output": output.id, "kind": output.kind}
        page.add("output_on_air", "gauge", "1 while the output delivers", output.state == "on_air", **names)
        page.add("output_sent_bytes_total", "counter", "bytes delivered", output.sent_bytes, **names)
        page.add("output_dropped_packets_total", "counter", "packets lost", output.dropped_packets, **names)
        page.add("output_reconnects_total", "counter", "attempts after failures", output.reconnects, **names)
    return page.text()


class _Page:
    def __init__(self) -> None:
        self._families: dict[str, list[str]] = {}

    def add(self, name: str, kind: str, description: str, value: float, /, **labels: str) -> None:
        name = f"nightcast_{name}"
        family = self._families.setdefault(name, [f"# HELP {name} {description}", f"# TYPE {name} {kind}"])
        family.append(f"{name}{_labels(labels)} {float(value):.12g}")

    def text(self) -> str:
        return "".join(f"{line}\n" for family in self._families.values() for line in family)


def _labels(labels: Mapping[str, str]) -> str:
    if not labels:
        return ""
    quoted = (
        '{}="{}"'.format(name, value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n"))
        for name, value in labels.items()
    )
    return "{" + ",".join(quoted) + "}"
