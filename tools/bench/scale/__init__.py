"""How the matcher does at any size: time, memory, recall, beside FAISS used by hand."""
