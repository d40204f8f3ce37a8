"""Whether photos can be compared: alignment to the baseline, the verdict on a pair, and change with its own noise."""
