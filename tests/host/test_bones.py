"""Other rigs' names are understood."""

from __future__ import annotations

import pytest

from nightcast.host.bones import BONES, ESSENTIAL, PARENT, find_bones, limit_deg

MIXAMO = """
mixamorig:Hips mixamorig:Spine mixamorig:Spine1 mixamorig:Spine2 mixamorig:Neck mixamorig:Head
mixamorig:HeadTop_End mixamorig:LeftShoulder mixamorig:LeftArm mixamorig:LeftForeArm
mixamorig:LeftHand mixamorig:LeftHandThumb1 mixamorig:LeftHandIndex3 mixamorig:RightShoulder
mixamorig:RightArm mixamorig:RightForeArm mixamorig:RightHand mixamorig:LeftUpLeg mixamorig:LeftLeg
mixamorig:LeftFoot mixamorig:LeftToeBase
"""
VROID = """
J_Bip_C_Hips J_Bip_C_Spine J_Bip_C_Chest J_Bip_C_UpperChest J_Bip_C_Neck J_Bip_C_Head
J_Adj_L_FaceEye J_Bip_L_Shoulder J_Bip_L_UpperArm J_Bip_L_LowerArm J_Bip_L_Hand J_Bip_L_Little2
J_Bip_R_UpperArm J_Bip_R_LowerArm J_Bip_R_Hand J_Bip_L_UpperLeg J_Sec_Hair1_01
"""
UNREAL = """
root pelvis spine_01 spine_02 spine_03 neck_01 head clavicle_l upperarm_l lowerarm_l hand_l
thumb_01_l index_03_l clavicle_r upperarm_r lowerarm_r hand_r thigh_l calf_l foot_l ball_l
upperarm_twist_01_l
"""
RIGIFY = """
DEF-spine DEF-spine.001 DEF-spine.002 DEF-spine.003 DEF-spine.004 DEF-spine.005 DEF-spine.006
DEF-upper_arm.L DEF-forearm.L DEF-hand.L DEF-f_index.01.L DEF-upper_arm.R DEF-forearm.R DEF-hand.R
DEF-thigh.L DEF-shin.L
"""
UNITY = """
Hips
Spine
Chest
Neck
Head
Left shoulder
Left arm
Left elbow
Left wrist
Right arm
Right elbow
Right wrist
Left leg
Left knee
Left ankle
Left toe
IndexFinger1_L
"""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            MIXAMO,
            {
                "spine": "mixamorig:Spine",
                "upperChest": "mixamorig:Spine2",
                "leftLowerLeg": "mixamorig:LeftLeg",
                "leftThumbMetacarpal": "mixamorig:LeftHandThumb1",
                "leftIndexDistal": "mixamorig:LeftHandIndex3",
                "head": "mixamorig:Head",
            },
        ),
        (
            VROID,
            {
                "leftEye": "J_Adj_L_FaceEye",
                "leftLittleIntermediate": "J_Bip_L_Little2",
                "hips": "J_Bip_C_Hips",
            },
        ),
        (UNREAL, {"hips": "pelvis", "chest": "spine_02", "leftUpperArm": "upperarm_l", "leftToes": "ball_l"}),
        (
            RIGIFY,
            {
                "hips": "DEF-spine",
                "spine": "DEF-spine.001",
                "upperChest": "DEF-spine.003",
                "neck": "DEF-spine.004",
                "head": "DEF-spine.006",
                "leftIndexProximal": "DEF-f_index.01.L",
            },
        ),
        (
            UNITY,
            {"leftUpperArm": "Left arm", "leftUpperLeg": "Left leg", "leftLowerLeg": "Left knee"},
        ),
    ],
    ids=["mixamo", "vroid", "unreal", "rigify", "unity"],
)
def test_names_of_a_rig_are_understood(text: str, expected: dict[str, str]) -> None:
    names = text.split("\n") if "Left wrist" in text else text.split()
    found = {bone: names[i] for bone, i in find_bones(names).items()}
    assert all(bone in found for bone in ESSENTIAL if not bone.startswith("right"))
    assert {bone: found.get(bone) for bone in expected} == expected


def test_hair_twist_bones_and_ends_claim_nothing() -> None:
    assert find_bones(["J_Sec_Hair1_01", "HeadTop_End", "upperarm_twist_01_l", "Camera", ""]) == {}


def test_every_bone_has_a_parent_before_it_and_a_limit() -> None:
    for i, bone in enumerate(BONES[1:], 1):
        assert BONES.index(PARENT[bone]) < i
        assert 0 < limit_deg(bone) < 180


@pytest.mark.parametrize("renamed", ["{name}_{i:02}", "{name}.{i:03}", "Armature|mixamorig_{bare}"])
def test_numbers_and_prefixes_that_tools_hang_on_names_are_seen_through(renamed: str) -> None:
    names = MIXAMO.split()
    other = [renamed.format(name=name, bare=name.partition(":")[2], i=i) for i, name in enumerate(names)]
    assert find_bones(other) == find_bones(names)
