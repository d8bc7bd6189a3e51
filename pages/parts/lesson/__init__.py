"""What the page Lesson is made of: a file a step."""
