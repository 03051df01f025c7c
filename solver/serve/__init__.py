"""The server behind the window, over pipes."""
