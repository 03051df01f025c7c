"""Files of scoring cases: read, predicted."""
