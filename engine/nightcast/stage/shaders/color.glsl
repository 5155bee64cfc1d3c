// From light to what a screen shows.

// sRGB's transfer curve, as a cubic (largest error 0.002): a power costs a processor more than the picture needs.
vec3 from_srgb(vec3 c) {
    return c * (c * (c * 0.305306011 + 0.682171111) + 0.012522878);
}

// Its inverse, as a fraction in the square root (largest error 0.002): one root and one division, where roots alone would
// take three for the same.
vec3 to_srgb(vec3 c) {
    vec3 s = sqrt(c);
    return clamp(s * (s * (s * 89.6136549 + 35.1468900) - 0.4391259) / (s * (s * 102.8117562 + 20.2674752) + 1.0), 0.0, 1.0);
}

// Khronos PBR Neutral, https://github.com/KhronosGroup/ToneMapping: base colours come out as they are up to 0.8. It takes
// away what a smooth dielectric mirrors, 0.04; a rough one mirrors less, and `mirrored` (0.04 at most) says how much.
vec3 tone_map(vec3 color, float mirrored) {
    const float start = 0.8 - 0.04;
    const float desaturation = 0.15;
    float low = min(color.r, min(color.g, color.b));
    color -= low < 2.0 * mirrored ? low - low * low / (4.0 * mirrored) : mirrored;
    float peak = max(color.r, max(color.g, color.b));
    float span = 1.0 - start;
    float squeezed = 1.0 - span * span / (peak + span - start);
    float gray = 1.0 - 1.0 / (desaturation * (peak - squeezed) + 1.0);
    vec3 bright = mix(color * (squeezed / peak), vec3(squeezed), gray);
    return peak < start ? color : bright;
}
