"""From live platforms to our events: mappings as data, and connectors for a webhook and for lines of JSON."""
