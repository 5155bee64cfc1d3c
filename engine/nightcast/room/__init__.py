"""The live room: events, the hub that carries them to plugins, the plugin SDK, simulator, recordings,
connectors.
"""
