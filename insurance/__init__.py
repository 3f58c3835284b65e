"""Rules and models of resident medical insurance. Pure: no SQL, no Dash, no clock of its own."""
