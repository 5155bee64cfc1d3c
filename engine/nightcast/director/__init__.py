"""The night: rundown, cues, journal, resume, supervisor, rehearsal and rendering."""
