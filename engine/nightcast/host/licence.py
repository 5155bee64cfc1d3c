"""May this avatar go on a commercial stream? What the file's own licence metadata says, with the reason.

VRM 1.0: https://github.com/vrm-c/vrm-specification/blob/master/specification/VRMC_vrm-1.0/meta.md
VRM 0.x: https://github.com/vrm-c/vrm-specification/tree/master/specification/0.0#vrm-extension--model-information-jsonmateriali
"""

from __future__ import annotations

from dataclasses import dataclass

from nightcast.gltf.records import Model
from nightcast.gltf.vrm_records import VrmMeta

_USERS = {
    "onlyAuthor": "only its author may perform with it",
    "onlySeparatelyLicensedPerson": "only a person with a licence of their own may perform with it",
}


@dataclass(frozen=True)
class Verdict:
    """Whether the file permits performing with it on a selling stream.

    `allowed` is None where the file says nothing: then the operator must know. `reasons` are sentences'
    ends, for a person; `credit` is what has to be shown, if anything.
    """

    allowed: bool | None
    reasons: tuple[str, ...]
    credit: str | None = None

    def __str__(self) -> str:
        head = {True: "permits", False: "forbids", None: "does not say whether it permits"}[self.allowed]
        return f"the file {head} use on a commercial stream: {'; '.join(self.reasons)}"


def commercial_stream(model: Model) -> Verdict:
    """The verdict on a model by its own metadata."""
    if model.vrm is None:
        return Verdict(None, ("it carries no licence metadata; ask who made it",))
    meta = model.vrm.meta
    objections = _objections(meta)
    credit = _credit(meta)
    if objections:
        return Verdict(False, objections, credit)
    use = "for profit by a person" if meta.commercial_usage == "personalProfit" else "by a company"
    reasons = ["everyone may perform with it", f"commercial use {use} is allowed"]
    if meta.commercial_usage == "personalProfit":
        reasons.append("a company needs a licence of its own")
    terms = meta.other_license_url or meta.license_url
    if terms:
        reasons.append(f"read its terms at {terms}")
    return Verdict(True, tuple(reasons), credit)


def _objections(meta: VrmMeta) -> tuple[str, ...]:
    found = []
    if meta.avatar_permission != "everyone":
        found.append(_USERS.get(meta.avatar_permission, f"who may perform with it is {meta.avatar_permission!r}"))
    if meta.commercial_usage not in ("personalProfit", "corporation"):
        found.append("commercial use is not allowed")
    words = f"{meta.license_name} {meta.license_url}".upper().replace("-", "_").split("/")
    if any("NC" in word.replace(" ", "_").split("_") for word in words):
        found.append(f"its licence {meta.license_name or meta.license_url} is for non-commercial use")
    return tuple(found)


def _credit(meta: VrmMeta) -> str | None:
    if meta.credit_notation == "unnecessary":
        return None
    authors = ", ".join(meta.authors) or "its author"
    return f"{meta.name} by {authors}" if meta.name else f"avatar by {authors}"
