"""What analysis answers when it is asked."""
