"""The chat on a company's own website: a provider of ours, inside its gateway."""
