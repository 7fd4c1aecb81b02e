"""The reference of the layers: what `archdsl layers` and `docs/layers.md` say, all of it from the declarations."""
