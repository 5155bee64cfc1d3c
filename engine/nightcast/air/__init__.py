"""Everything after picture and sound are made: programme clock, mixer, encoder, outputs."""
