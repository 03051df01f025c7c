"""Files of measured runs: read, predicted, judged."""
