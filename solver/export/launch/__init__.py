"""Launch files: a plan as what clusters and trainers read, every setting pinned to it."""
