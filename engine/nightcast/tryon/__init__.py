"""Where a product sits on a body: on the host by its rig, on a person by what a tracker sees. No GL."""
