"""What can be combined: machines, methods, layouts and what each costs in memory and time."""
