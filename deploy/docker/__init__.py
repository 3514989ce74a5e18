"""The images of the services: one recipe, and what builds all of them."""
