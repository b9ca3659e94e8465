"""附件: uploaded files, kept under the hash of their content, handed out only to who may see their record.

Nouns: StoredFile (one upload that belongs to one record) and its content, kept once however often it is uploaded.
A feature declares in its `wiring.py` who sees the files of its records: `file_access={"objections": access.may_see}`.
Users: whoever may upload to a record; downloads are always attachments, images are redrawn, programs are refused.
"""
