"""What is drawn over the picture in screen space, from a scene's overlays to the renderer's layers."""

from nightcast.stage.overlays.ai_label import AiLabel
from nightcast.stage.overlays.kit import Kit
from nightcast.stage.overlays.page import Page
from nightcast.stage.overlays.stack import OverlayStack, OverlayView

__all__ = ["AiLabel", "Kit", "OverlayStack", "OverlayView", "Page"]
