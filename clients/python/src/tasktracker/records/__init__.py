"""What the API answers, a module a part; `common` is of several."""
