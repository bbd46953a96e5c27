"""Direct measurement in the flue gas (烟气直测法): from minutes to hours, days and years."""
