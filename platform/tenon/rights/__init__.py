"""Who owns results and patents, what stands in the way of dealing in them, who may use them."""
