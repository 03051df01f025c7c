"""What is seen and touched: views show frozen values and tell of wishes."""
