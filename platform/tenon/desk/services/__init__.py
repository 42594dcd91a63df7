"""Changes of the desk; none of them commits."""
