"""附件: uploaded files, kept under the hash of their content, handed out only to who may see their record."""
