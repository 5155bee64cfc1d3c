"""What is said: planner, offline writer, gate, voices, visemes and the store of ready speech."""
