"""Writes the client's records and operations from the OpenAPI document of the gateway: `make client`."""
