"""What the lead, the members and the bureau do with an alliance."""
