"""Three measurements of one emission side by side (多重碳数据比对), and which of them counts."""
