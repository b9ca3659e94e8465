"""活动总结: the numbers of an event: funnel by industry and source, exports."""
