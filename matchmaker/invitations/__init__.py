"""邀请: guest lists and personal links: who is asked, who answered, who stays silent."""
