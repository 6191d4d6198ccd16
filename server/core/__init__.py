"""What every feature stands on. No feature noun lives here, and nothing here has fewer than three users in sight."""
