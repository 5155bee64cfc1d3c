"""The conformance kit: does a hub, or a plugin, keep the protocol? Each check says what it expected and what it saw."""
