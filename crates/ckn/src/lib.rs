//! Convolutional kernel networks for biological sequences
