"""SM2, SM3, SM4, Ed25519 and BLS behind one interface each, with known-answer tests."""
