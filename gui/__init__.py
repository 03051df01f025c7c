"""The desktop window: pixels and clicks."""
