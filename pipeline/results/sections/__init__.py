"""From the values of steps to what the results folder states of them."""
