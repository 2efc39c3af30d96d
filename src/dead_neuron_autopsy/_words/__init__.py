"""Every number, sentence and label that a person reads or hears."""
