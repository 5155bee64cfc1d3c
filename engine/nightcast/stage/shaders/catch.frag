// Darkens what is already there, by what share of its light the key light gives.
#include "scene.glsl"
#include "shadow.glsl"
in vec3 v_shadow;
in float v_facing;
out vec4 out_color;

void main() {
    const vec3 luminance = vec3(0.2126, 0.7152, 0.0722);
    float key = dot(u_key.rgb, luminance) * 0.31830989 * max(v_facing, 0.0);
    float rest = dot(u_sh[0].rgb, luminance) * 0.282095;
    // The square root is what a share of light is in sRGB's encoding, near enough for a shadow.
    out_color = vec4(vec3(sqrt((rest + key_arrives(v_shadow) * key) / max(rest + key, 0.0001))), 1.0);
}
