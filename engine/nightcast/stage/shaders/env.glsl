// Mirrored light: octahedral pictures of rising roughness in the mip levels of one texture (see environment.py).
uniform sampler2D t_env;

vec3 mirrored(vec3 direction, float roughness) {
    float level = roughness * 5.0;
#ifndef TRILINEAR
    level = floor(level + 0.5);
#endif
    vec3 d = direction / (abs(direction.x) + abs(direction.y) + abs(direction.z));
    vec2 folded = (1.0 - abs(d.zx)) * vec2(d.x < 0.0 ? -1.0 : 1.0, d.z < 0.0 ? -1.0 : 1.0);
    vec2 at = d.y < 0.0 ? folded : d.xz;
    float border = exp2(level) / 256.0;  // one pixel of this level
    return textureLod(t_env, at * (0.5 - border) + 0.5, level).rgb;
}
