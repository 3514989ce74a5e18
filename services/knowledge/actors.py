"""What knowledge does when it is told to."""
