"""Elaboration: names, imports, values and the flow, from the syntax tree to the graph."""
