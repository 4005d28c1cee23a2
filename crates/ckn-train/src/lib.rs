//! Training of convolutional kernel networks: alternating optimisation over exchangeable engines
