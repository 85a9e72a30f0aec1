"""How clients say which events they mean: globs and paths to properties."""
