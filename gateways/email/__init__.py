"""Mailboxes: IMAP in, SMTP out."""
