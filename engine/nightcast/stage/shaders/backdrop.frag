// What is behind everything: a vertical gradient, a picture, or the light's own panorama. Colours are sRGB.
#include "color.glsl"
#include "vignette.glsl"
in vec2 v_at;
out vec4 out_color;

#ifdef PANORAMA
uniform sampler2D t_base;
uniform mat3 u_rays;  // from (x, y, 1) on the screen, each -1..1 with y down, to a world direction
uniform float u_intensity;
uniform float u_level;

void main() {
    vec3 ray = normalize(u_rays * vec3(v_at * 2.0 - 1.0, 1.0));
    vec2 at = vec2(atan(ray.x, -ray.z) * 0.15915494 + 0.5, acos(clamp(ray.y, -1.0, 1.0)) * 0.31830989);
    out_color = vec4(to_srgb(tone_map(textureLod(t_base, at, u_level).rgb * u_intensity, 0.04)) * vignette(), 1.0);
}
#elif defined(PICTURE)
uniform sampler2D t_base;
uniform vec4 u_crop;  // offset and scale of texture coordinates

void main() {
    out_color = vec4(texture(t_base, u_crop.xy + v_at * u_crop.zw).rgb * vignette(), 1.0);
}
#else
uniform vec3 u_top;
uniform vec3 u_bottom;

void main() {
    float grain = fract(52.9829189 * fract(dot(gl_FragCoord.xy, vec2(0.06711056, 0.00583715)))) - 0.5;
    out_color = vec4(mix(u_top, u_bottom, v_at.y) * vignette() + grain / 255.0, 1.0);
}
#endif
