"""How good a reconstruction is: measures, baselines and confidence intervals."""
