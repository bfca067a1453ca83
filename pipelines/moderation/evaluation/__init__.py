"""How well a model does on labelled messages of one's own: figures, curves, slices, disguises and pace."""
