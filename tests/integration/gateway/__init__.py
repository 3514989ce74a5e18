"""The gateway against services that only pretend, one gateway for the package."""
