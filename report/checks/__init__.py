"""What must hold before a study is published."""
