"""What embedding does when it is told to."""
