"""Plugins as folders and processes: the manifest, the launcher, the manager, and a scaffold for new ones."""
