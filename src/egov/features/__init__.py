"""One folder per public function; features never import each other."""
