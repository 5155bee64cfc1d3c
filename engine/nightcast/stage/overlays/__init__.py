"""What is drawn over the picture in screen space, from a scene's overlays to the renderer's layers."""

from .ai_label import AiLabel
from .kit import Kit
from .page import Page
from .stack import OverlayStack, OverlayView

__all__ = ["AiLabel", "Kit", "OverlayStack", "OverlayView", "Page"]
