"""How important is a message: score, class and factors."""
