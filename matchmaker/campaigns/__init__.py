"""活动消息: messages to the people of an event: templates, filters, schedule, delivery log."""
