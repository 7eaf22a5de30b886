"""Files of messages: their bytes, names, kinds, previews, and the headers under which they are served."""
