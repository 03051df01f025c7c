"""What is measured, and how: each module is a program with `main(argv)`."""
