"""The graph of a network, the names of its modules, and what is left out."""
