"""What knowledge answers when it is asked."""
