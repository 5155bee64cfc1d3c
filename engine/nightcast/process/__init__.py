"""How our processes talk and stay alive: message channel, shared memory, heartbeat, children."""
