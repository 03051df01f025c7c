"""The headless command line, a peer of the window over the same answers."""
