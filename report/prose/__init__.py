"""Templates to Markdown: claims, statistics behind them, Spanish numbers and words."""
