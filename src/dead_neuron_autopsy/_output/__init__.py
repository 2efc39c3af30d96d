"""Files, notebooks and LaTeX, with the words that each can carry."""
