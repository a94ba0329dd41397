//! Recorded traces held against the model.
