"""Where images come from: mirrors, IDX files, folders, arrays, and samples that packages carry."""
