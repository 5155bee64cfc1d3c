"""Voices: text to sound, visemes and word marks. One interface, several engines, one mastering path."""
