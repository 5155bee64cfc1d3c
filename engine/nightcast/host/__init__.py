"""The digital human as mathematics: rig, pose, face, lips, gaze, gesture, springs. No GL, no clock."""
