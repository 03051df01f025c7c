"""Formulas and decisions: from a question to a proven plan, headless."""
