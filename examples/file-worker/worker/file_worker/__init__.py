"""Turns files into searchable text: SQS -> text extraction and OCR -> search index."""
