"""What words are, whatever their spelling and form, in Ukrainian, Russian and English."""
