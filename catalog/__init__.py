"""Facts: accelerators, offers, models, methods, tasks; each with its source and date."""
