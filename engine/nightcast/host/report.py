"""What an avatar file has and lacks, for `nightcast avatar FILE`. Facts only, no pictures."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import yaml

from nightcast.gltf import load
from nightcast.gltf.hierarchy import rest_bounds
from nightcast.gltf.records import Model
from nightcast.host.anchors import Anchors, find_anchors
from nightcast.host.bones import BONES
from nightcast.host.host import Host
from nightcast.host.licence import Verdict, commercial_stream
from nightcast.host.lips import VISEMES


@dataclass(frozen=True, eq=False)
class Report:
    """What is known about an avatar. Lengths in metres unless the name says otherwise."""

    path: Path
    name: str  #: as the file's licence metadata calls it, or ""
    node_names: tuple[str, ...]
    size_bytes: int
    triangles: int
    nodes: int
    materials: int
    images: int
    height_m: float
    bones: tuple[str, ...]
    missing_bones: tuple[str, ...]
    visemes: dict[str, dict[str, float]]
    silent_visemes: tuple[str, ...]
    feelings: tuple[str, ...]
    channels: tuple[str, ...]
    springs: int
    constraints: int
    anchors: Anchors
    licence: Verdict
    warnings: tuple[str, ...]

    def lines(self) -> list[str]:
        """The report as lines of text."""
        head, limbs = self.anchors.head, self.anchors.limbs
        rows = [
            f"{self.path.name}: {self.size_bytes / 1e6:.1f} MB, {self.triangles:,} triangles, "
            f"{self.nodes} nodes, {self.materials} materials, {self.images} images",
            f"height       {self.height_m:.2f} m",
            f"licence      {self.licence}",
            *([f"credit       {self.licence.credit}"] if self.licence.credit else []),
            f"bones        {len(self.bones)} of {len(BONES)}"
            + (f"; lacks {', '.join(self.missing_bones)}" if self.missing_bones else ""),
            f"visemes      {_visemes(self.silent_visemes)}",
            f"feelings     {', '.join(self.feelings) or 'none'}",
            f"channels     {len(self.channels)}",
            f"springs      {self.springs} joints",
            f"constraints  {self.constraints}",
            f"anchors      {', '.join(sorted(self.anchors.places))}",
            f"head         PD {head.pupillary_distance_mm:.0f} mm, face {head.face_width_mm:.0f} mm wide, "
            f"{head.head_circumference_mm:.0f} mm round",
            f"limbs        neck {limbs.neck_mm:.0f} mm, wrist {limbs.wrist_mm:.0f} mm, "
            f"ring finger {limbs.ring_finger_mm:.0f} mm, foot {limbs.foot_length_mm:.0f} mm",
        ]
        return rows + [f"note         {warning}" for warning in self.warnings]

    def avatar_yaml(self, model: str) -> str:
        """A first avatar file for a show; `model` is the path of the model as the file shall name it."""
        nodes = self.node_names
        rows = [
            f"# Written from {self.path.name}. Change what you like; `nightcast check` finds mistakes.",
            f"name: {_quoted(self.name or self.path.stem)}",
            f"model: {_quoted(model)}",
            "# Points for try-on as they were found: a node of the model, and the place in its frame in metres.",
            "anchors:",
        ]
        for name, anchor in sorted(self.anchors.places.items()):
            x, y, z = (round(float(value), 4) + 0.0 for value in anchor.matrix[:3, 3])
            if anchor.found_by != "node":
                rows.append(f"  {name}: {{node: {_quoted(nodes[anchor.node])}, at: [{x}, {y}, {z}]}}")
        if rows[-1] == "anchors:":
            rows[-2:] = ["# The model carries its own anchors for try-on."]
        return "\n".join(rows) + "\n"


def _visemes(silent: tuple[str, ...]) -> str:
    shown = len(VISEMES) - len(silent)
    if not shown:
        return "none"
    return f"{shown} of {len(VISEMES)}" + (f"; none for {', '.join(silent)}" if silent else "")


def _quoted(text: str) -> str:
    """A YAML scalar; in quotes where YAML might take it for more than words, such as Null."""
    plain = re.fullmatch(r"[A-Za-z][\w./-]*", text) and not re.fullmatch(r"(?i)null|true|false|yes|no|on|off", text)
    return text if plain else yaml.safe_dump(text, default_style='"', allow_unicode=True, width=1 << 30).strip()


def report_on(path: Path) -> Report:
    """Read an avatar and report. Raises ModelError for a broken file, RigError for one without a body."""
    model = load(path)
    host = Host(model)
    low, high = rest_bounds(model)
    visemes = host.face.viseme_channels
    shut = ("sil", "PP") if host.face.has_mouth else ()
    return Report(
        path=path,
        name="" if model.vrm is None else model.vrm.meta.name,
        node_names=tuple(node.name for node in model.nodes),
        size_bytes=path.stat().st_size,
        triangles=model.triangle_count(),
        nodes=len(model.nodes),
        materials=len(model.materials),
        images=len(model.images),
        height_m=float(high[1] - low[1]),
        bones=tuple(host.rig.bones),
        missing_bones=tuple(bone for bone in BONES if bone not in host.rig.bones),
        visemes=visemes,
        silent_visemes=tuple(name for name, row in visemes.items() if not row and name not in shut),
        feelings=host.face.feelings,
        channels=host.face.channels.names,
        springs=0 if model.vrm is None else sum(len(spring.joints) for spring in model.vrm.springs),
        constraints=0 if model.vrm is None else len(model.vrm.constraints),
        anchors=find_anchors(host.rig),
        licence=commercial_stream(model),
        warnings=(*host.warnings, *_unseen(model)),
    )


def _unseen(model: Model) -> tuple[str, ...]:
    if model.triangle_count():
        return ()
    what = "it is an animation, which belongs among the gestures" if model.vrm_animation else "it holds no triangles"
    return (f"{what}; nothing of it is seen",)
