"""The show's five colours: sets, products and overlays draw from them."""

LACQUER = "#b3271e"
INK = "#151d2b"
PAPER = "#f4e6cf"
BRASS = "#c9973f"
JADE = "#3e7c68"
