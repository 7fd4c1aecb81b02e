"""The text: its grammar, its tree, and the way back from a tree to a text."""
