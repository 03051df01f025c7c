"""The user's own measurements: read, fitted, kept."""
