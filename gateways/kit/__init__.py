"""What every channel's gateway is made of; README.md says what enters and what leaves."""
