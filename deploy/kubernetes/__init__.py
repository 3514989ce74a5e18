"""Task Tracker in Kubernetes: manifests for kustomize, and what writes some of them."""
