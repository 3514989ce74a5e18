"""The front door: REST, WebSocket, the webhook receiver and the live page."""
