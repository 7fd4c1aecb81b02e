"""A picture as one HTML file in which blocks open and close: it needs neither an engine nor the network."""
