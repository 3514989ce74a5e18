"""What embedding answers when it is asked."""
