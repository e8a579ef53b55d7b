"""HTTP, once: requests in, envelopes out, and the table of what there is."""
