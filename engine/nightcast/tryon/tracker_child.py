"""The face tracker, run by `tracker.Tracker` in an environment of its own. Imports nothing of ours.

In on standard input: for each picture a line of JSON {"width", "height", "time_ms", "still"} and width·height·3 bytes
of RGB, rows from the top. Out on standard output: a line of JSON {"faces": [[[x, y], …478], …]} in pixels of that
picture. First of all one line {"ready": true}. It ends when its input does.
"""

import json
import os
import sys
from typing import Any


def main() -> None:
    out = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)  # what mediapipe prints must not reach the one who reads our answers
    import mediapipe
    import numpy

    def opened(still: bool) -> Any:
        return mediapipe.solutions.face_mesh.FaceMesh(
            static_image_mode=still, max_num_faces=4, refine_landmarks=True, min_detection_confidence=0.5
        )

    meshes: dict[bool, Any] = {}
    out.write(json.dumps({"ready": True}) + "\n")
    source = sys.stdin.buffer
    while line := source.readline():
        head = json.loads(line)
        width, height, still = head["width"], head["height"], head["still"]
        data = source.read(width * height * 3)
        if len(data) < width * height * 3:
            return
        if still not in meshes:
            meshes[still] = opened(still)
        picture = numpy.frombuffer(data, numpy.uint8).reshape(height, width, 3)
        found = meshes[still].process(picture).multi_face_landmarks or []
        faces = [[[round(p.x * width, 3), round(p.y * height, 3)] for p in face.landmark] for face in found]
        out.write(json.dumps({"faces": faces}) + "\n")


if __name__ == "__main__":
    main()
