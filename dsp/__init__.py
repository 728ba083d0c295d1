"""Sound: kernels on arrays. Knows no hardware, no files, no desk."""
