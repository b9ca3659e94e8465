"""Reading plans, values with the records behind them, and snapshots."""
