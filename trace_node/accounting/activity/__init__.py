"""Activity data (活动数据): how much of what in a period, from meters, documents and rules."""
