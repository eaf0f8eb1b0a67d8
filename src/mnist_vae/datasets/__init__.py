"""A file for each value of `dataset`.

Each defines

- TITLE, as figures name it; CLASS_NOUN ("digit"); CLASS_NAMES, ten of them in the order of labels;
- TRAIN_IMAGES and TEST_IMAGES, how many there are;
- `load()`, which returns uint8 training images (N, 28, 28) and labels (N,), then those for testing.

They import inside `load` whatever takes time, for every stage needs the sizes or the names.
"""
