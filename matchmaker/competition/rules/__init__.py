"""The law of the competition: plain values in, a verdict, a score or one sentence of refusal out."""
