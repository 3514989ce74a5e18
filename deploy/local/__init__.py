"""The whole system on one machine, from packages alone: embedded servers, the services, one supervisor."""
