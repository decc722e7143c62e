"""From a draft to the public: decisions, remarks, dates, releases, offers to the portal."""
