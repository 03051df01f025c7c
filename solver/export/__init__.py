"""An answer as report, charts and files."""
