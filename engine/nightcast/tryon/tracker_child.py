"""The tracker, run by `tracker.MediaPipeTracker` in an environment of its own. Imports nothing of ours.

In on standard input: for each picture a line of JSON {"width", "height", "still", "wants", "anew"} and width·height·3
bytes of RGB, rows from the top. `wants` lists what is looked for: face, hands, body, mask; `anew`: what was followed
before is forgotten. Out on standard output: a line of JSON with what was found, each array by its shape:

    faces  [[478, 2], …] x and y
    hands  [{"side": "left", "seen": [21, 2], "shape_m": [21, 3]}, …]
    body   {"seen": [33, 2], "shape_m": [33, 3], "sure": [33]}, sure from 0 to 1; or null
    mask   [height, width], 255 where a person is; or null

and then the arrays' numbers in that order: of the mask bytes, of the others little-endian floats of four bytes, in
pixels of that picture. `shape_m` is in metres about the hand's or the hips' middle, x right, y down, z away. First of
all one line {"ready": true}. It ends when its input does.
"""

import json
import os
import sys
from typing import Any


def main() -> None:
    out = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)  # what mediapipe prints must not reach the one who reads our answers
    import mediapipe
    import numpy

    solutions = mediapipe.solutions
    opened: dict[tuple[str, bool], Any] = {}

    def model(kind: str, still: bool) -> Any:
        if (kind, still) not in opened:
            opened[kind, still] = {
                "face": lambda: solutions.face_mesh.FaceMesh(
                    static_image_mode=still, max_num_faces=4, refine_landmarks=True, min_detection_confidence=0.5
                ),
                "hands": lambda: solutions.hands.Hands(
                    static_image_mode=still, max_num_hands=2, model_complexity=1, min_detection_confidence=0.6
                ),
                "body": lambda: solutions.pose.Pose(static_image_mode=still, model_complexity=1),
                "mask": lambda: solutions.selfie_segmentation.SelfieSegmentation(model_selection=0),
            }[kind]()
        return opened[kind, still]

    def answer(picture: Any, wants: list[str], still: bool) -> tuple[dict[str, Any], list[bytes]]:
        height, width = picture.shape[:2]
        found: dict[str, Any] = {"faces": [], "hands": [], "body": None, "mask": None}
        follows: list[bytes] = []

        def sent(numbers: list[Any]) -> tuple[int, ...]:
            array = numpy.array(numbers, "<f4")
            follows.append(array.tobytes())
            return array.shape

        def pixels_of(landmarks: Any) -> tuple[int, ...]:
            return sent([(p.x * width, p.y * height) for p in landmarks.landmark])

        def shape_of(landmarks: Any) -> tuple[int, ...]:
            return sent([(p.x, p.y, p.z) for p in landmarks.landmark])

        if "face" in wants:
            meshes = model("face", still).process(picture).multi_face_landmarks or []
            found["faces"] = [pixels_of(face) for face in meshes]
        if "hands" in wants:
            result = model("hands", still).process(picture)
            rows = zip(
                result.multi_hand_landmarks or [],
                result.multi_hand_world_landmarks or [],
                result.multi_handedness or [],
                strict=False,
            )
            # MediaPipe names hands as in a mirror; ours are the wearer's own.
            found["hands"] = [
                {
                    "side": "left" if side.classification[0].label == "Right" else "right",
                    "seen": pixels_of(seen),
                    "shape_m": shape_of(shape),
                }
                for seen, shape, side in rows
            ]
        if "body" in wants:
            result = model("body", still).process(picture)
            if result.pose_landmarks is not None:
                found["body"] = {
                    "seen": pixels_of(result.pose_landmarks),
                    "shape_m": shape_of(result.pose_world_landmarks),
                    "sure": sent([p.visibility for p in result.pose_landmarks.landmark]),
                }
        if "mask" in wants:
            mask = model("mask", False).process(picture).segmentation_mask
            step = max(1, width // 320)
            small = (mask[::step, ::step] * 255).clip(0, 255).astype(numpy.uint8)
            found["mask"] = small.shape
            follows.append(small.tobytes())
        return found, follows

    out.write(json.dumps({"ready": True}).encode() + b"\n")
    source = sys.stdin.buffer
    while line := source.readline():
        head = json.loads(line)
        width, height = head["width"], head["height"]
        data = source.read(width * height * 3)
        if len(data) < width * height * 3:
            return
        picture = numpy.frombuffer(data, numpy.uint8).reshape(height, width, 3)
        if head["anew"]:
            for solution in opened.values():
                solution.reset()
        found, follows = answer(picture, head["wants"], head["still"])
        out.write(b"".join([json.dumps(found).encode(), b"\n", *follows]))


if __name__ == "__main__":
    main()
