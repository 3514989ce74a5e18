"""Language models: structured answers and vectors through one narrow interface, whoever the provider is."""
