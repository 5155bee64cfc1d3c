"""`nightcast bench hub`: the hub's figures, and the light client that takes them."""
