"""Which neurons are dead, belong together, get a card. NumPy alone, and no words."""
