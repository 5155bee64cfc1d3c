"""The protocol as published: JSON Schema, AsyncAPI, TypeScript, examples and the reference page, from one source."""
