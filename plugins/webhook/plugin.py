"""Takes the pushes of a live platform over HTTP and brings them into the room. Settings: `settings.yaml`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import yaml

from nightcast.room.connectors.mapping import load_mapping
from nightcast.room.connectors.webhook import Webhook
from nightcast.room.sdk import Context, Plugin

plugin = Plugin("webhook", scopes=["room:publish"])

HERE = Path(__file__).parent
SETTINGS: dict[str, Any] = yaml.safe_load((HERE / "settings.yaml").read_text("utf-8"))


@plugin.on_start
async def listen(ctx: Context) -> None:
    name = SETTINGS["platform"]
    mapping = load_mapping(HERE / name if name.endswith(".yaml") else name)
    secret = os.environ.get("NIGHTCAST_WEBHOOK_SECRET", "")
    if not secret:
        ctx.log("NIGHTCAST_WEBHOOK_SECRET is not set: the webhook stays closed")
        return
    signed = {"signature": SETTINGS["signature"], "header": SETTINGS["header"]}
    port = await Webhook(mapping, ctx.publish, secret=secret, **signed).start(SETTINGS["port"])
    ctx.log(f"takes pushes of {mapping.platform} on 127.0.0.1:{port}")


if __name__ == "__main__":
    plugin.run()
