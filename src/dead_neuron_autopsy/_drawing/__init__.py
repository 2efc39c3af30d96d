"""Artists: the panel, its cards, bars, header and words, and their roles in SVG."""
