"""How early a running training is judged, how often falsely, and how much it flickers."""
