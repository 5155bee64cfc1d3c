"""A small show on disk, correct until a test breaks it."""

from __future__ import annotations

from pathlib import Path

import pytest

SCENE = """\
stage: {size: [1280, 720], fps: 30}
light:
  environment: {file: ../assets/light/soft.hdr, intensity: 0.9}
  key: {from: [1.2, 2.6, 1.8], kelvin: 4300, intensity: 2.4, shadow: soft}
set:
  - {model: ../assets/models/counter.glb, at: [0, 0, 0]}
stands:
  table: {at: [0.45, 0.92, 0.10], turntable_rpm: 4, max_size: 0.35}
shots:
  wide:  {from: [0, 1.45, 3.2], look_at: [0, 1.15, 0], fov: 32}
  close: {follow: host.head, distance: 1.0, fov: 24}
overlays:
  price_card: {anchor: bottom-left, margin: 24}
  score: {kind: text, anchor: top-left, visible: false}
  ai_label:
transitions: {default: {cut: 0.0}, close: {dissolve: 0.4}}
"""

AVATAR = """\
name: {en: Lan, zh: 小岚}
model: host.vrm
"""

CATALOG = """\
brand: {en: Lantern Street, zh: 灯笼街}
currency: CNY
delivery: {text: {en: by courier, zh: 快递}, days_min: 2, days_max: 4, free_over: 9900}
products:
  - id: tumbler
    name: {en: Dusk Tumbler, zh: 暮色随行杯}
    kind: {en: tumbler, zh: 随行杯}
    price: 12900
    list_price: 15900
    stock: 40
    as_of: 2026-11-20
    materials: [{en: stainless steel, zh: 不锈钢}]
  - id: cap
    name: Night Cap
    kind: cap
    price: 8900
    as_of: 2026-11-20
    wear: {kind: hat, inner_circumference: 570}
"""

SCRIPT = """\
title: One night
language: en
host: ../avatars/lan/avatar.yaml
scenes: [../scenes/studio.yaml]
catalog: ../assets/catalog.yaml
rundown:
  - opening
  - for_each: {product: [tumbler, cap], do: [product, try_on, offer]}
  - game: lottery
outputs: [hls, {rtmp: "${RTMP_URL}"}, virtual_camera]
"""


@pytest.fixture
def show_root(tmp_path: Path) -> Path:
    files = {
        "scenes/studio.yaml": SCENE,
        "avatars/lan/avatar.yaml": AVATAR,
        "assets/catalog.yaml": CATALOG,
        "scripts/night.yaml": SCRIPT,
        "assets/light/soft.hdr": "",
        "assets/models/counter.glb": "",
        "avatars/lan/host.vrm": "",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path
