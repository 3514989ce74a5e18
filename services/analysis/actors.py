"""What analysis does when it is told to."""
