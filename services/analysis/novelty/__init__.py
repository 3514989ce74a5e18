"""Was it proposed before? How a new proposal stands to the earlier ones of its project."""
