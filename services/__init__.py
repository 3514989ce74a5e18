"""The domain services and the gateway."""
