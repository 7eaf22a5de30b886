"""WhatsApp Business by Meta's Cloud API: see README.md."""
