"""An avatar: the host's model and what the programme must know of it."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from nightcast.show.fields import AssetPath, Part, Text, Vec3, setting

__all__ = ["AnchorPoint", "Avatar", "AvatarVoice"]


class AnchorPoint(Part):
    """A point on the host, fixed to a node of the model."""

    node: str = Field(description="name of the model's node")
    at: Vec3 = setting((0.0, 0.0, 0.0), "in the node's own frame", unit="m")


class AvatarVoice(Part):
    """The voices that suit this host, by language."""

    engine: Literal["espeak", "edge", "piper", "openai"] | None = None
    en: str | None = setting(None, "voice name for English")
    zh: str | None = setting(None, "voice name for Mandarin")
    timbre: Literal["woman", "man"] = "woman"
    rate: float = setting(1.0, "speed of speech", gt=0.4, le=2)


class Avatar(Part):
    """The digital human. `model` is a VRM 0.x or 1.0, or a GLB with ARKit or Oculus face shapes.

    Coarser levels that the file brings (MSFT_lod on nodes) are drawn where the host is small.
    """

    name: Text
    model: AssetPath
    persona: Text = setting(Text(en="friendly and clear", zh="亲切、清楚"), "who the host is, for the writer")
    voice: AvatarVoice = AvatarVoice()
    outfit: str | None = setting(None, "what it wears: a name in `outfits`, or a material variant of the model")
    outfits: dict[str, AssetPath] = setting({}, "the same host in clothes of another cut: name to model")
    height: float | None = setting(None, "scales the model to this height", unit="m", gt=0.3, le=3)
    expressions: dict[str, str] = setting({}, "our name to the model's, where they differ")
    visemes: dict[str, str] = setting({}, "viseme to the model's morph target, where they differ")
    anchors: dict[str, AnchorPoint] = setting({}, "points for try-on, where the model has none of its own")
    hide: tuple[str, ...] = setting((), "names of nodes or meshes not to draw, e.g. glasses that are part of the model")
    licence_note: str = setting("", "where the permission for this model is written down")

    @property
    def worn_model(self) -> str:
        """The file of the host in the clothes it wears."""
        return self.outfits.get(self.outfit or "", self.model)

    @property
    def variant(self) -> str | None:
        """The material variant that the clothes are; None where they are a model of their own."""
        return None if self.outfit in self.outfits else self.outfit
