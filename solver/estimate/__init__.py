"""Memory, throughput, duration, cost, energy and quality as pure functions over arrays."""
