"""Where the programme goes. Each output has a bounded queue, a thread or process and a retry of its own."""
