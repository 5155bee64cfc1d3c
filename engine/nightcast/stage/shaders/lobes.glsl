// The lobes of the metal-roughness model, for vertices and for pixels.
// The environment's part of the split sum: scale and bias of F0 (Karis, "Physically based shading on mobile", 2014).
vec2 split_sum(float nv, float roughness) {
    vec4 r = roughness * vec4(-1.0, -0.0275, -0.572, 0.022) + vec4(1.0, 0.0425, 1.04, -0.04);
    float a = min(r.x * r.x, exp2(-9.28 * nv)) * r.x + r.y;
    return vec2(-1.04, 1.04) * a + r.zw;
}

// What a dielectric mirrors of even light, for the tone map.
float mirrored_share(vec2 split) {
    return clamp(0.04 * split.x + split.y, 0.005, 0.04);
}

float fifth(float x) {
    float s = x * x;
    return s * s * x;
}

// D·V of the GGX lobe, visibility by Hammon (GDC 2017). The half vector is not made: `both` is n·(l + v), `square` the
// square of the length of l + v (see `half_square`), whose quotient is what the lobe asks of it.
float ggx(float nl, float nv, float both, float square, float roughness) {
    float a = max(roughness * roughness, 0.002);
    float d = both * both * (a * a - 1.0) + square;
    return a * a * (0.31830989 * 0.5) * square * square / (d * d * max(mix(2.0 * nl * nv, nl + nv, a), 0.0001));
}

float half_square(float lv) {
    return max(2.0 + 2.0 * lv, 0.0001);
}
