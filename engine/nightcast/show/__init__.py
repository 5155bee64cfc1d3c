"""What people write: scenes, avatars, catalogs and scripts in YAML, read with errors that name their place."""

from nightcast.show.avatar import Avatar
from nightcast.show.catalog import Catalog, Fact, Product
from nightcast.show.errors import Problem, ShowError
from nightcast.show.folder import Show
from nightcast.show.scene import Scene
from nightcast.show.script import Script

__all__ = ["Avatar", "Catalog", "Fact", "Problem", "Product", "Scene", "Script", "Show", "ShowError"]
