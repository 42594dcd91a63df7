"""Encoders behind the protocol of `matching.encoder`: the built-in static one and any other."""
