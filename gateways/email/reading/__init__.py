"""Raw bytes of a mail as a value (gateways/email/mail.py). Imports nothing of the channel around it."""
