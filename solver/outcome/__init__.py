"""From a decision to an answer: planned jobs, explanations, relaxations, words and seal."""
