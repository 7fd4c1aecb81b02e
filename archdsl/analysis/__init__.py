"""Figures of a network: parameters, multiply-accumulates, activations."""
