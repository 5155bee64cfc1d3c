// VRMC_materials_mtoon 1.0, https://github.com/vrm-c/vrm-specification/tree/master/specification/VRMC_materials_mtoon-1.0
// Colours go to the screen without tone mapping, as the specification's pictures do.
#include "scene.glsl"
#include "material.glsl"
#include "color.glsl"
#ifdef UV_MASK_MAP
#include "scroll.glsl"
uniform sampler2D t_uv_mask;

float uv_mask();
#endif
#include "surface.glsl"
#include "vignette.glsl"
#ifdef SHADOW_TAPS
in vec3 v_shadow;
#include "shadow.glsl"
#endif
#ifdef EMISSIVE_MAP
uniform sampler2D t_emissive;
#endif
#ifdef SHADE_MAP
uniform sampler2D t_shade;
#endif
#ifdef SHIFT_MAP
uniform sampler2D t_shift;
#endif
#ifdef MATCAP_MAP
uniform sampler2D t_matcap;
#endif
#ifdef RIM_MAP
uniform sampler2D t_rim;
#endif

#ifdef UV_MASK_MAP
float uv_mask() {
    return texture(t_uv_mask, UV_MASK_UV).b;
}
#endif

void main() {
    vec4 base = base_color(base_texel());
    float alpha = coverage(base.a);
    vec3 flat_n = faced_normal();
#ifdef NORMAL_MAP
    vec3 n = bent_normal(flat_n, texture(t_normal, NORMAL_UV).rg, u_surface.z);
#else
    vec3 n = flat_n;
#endif
#ifdef MAKEUP
    vec4 worn = texture(t_makeup, MAKEUP_UV);
    base.rgb = mix(base.rgb, linear(worn.rgb), worn.a);
#endif
    vec3 shade = u_shade.rgb;
#ifdef SHADE_MAP
    shade *= linear(texture(t_shade, SHADE_UV).rgb);
#endif
    float shift = u_shade.w;
#ifdef SHIFT_MAP
    shift += texture(t_shift, SHIFT_UV).r * u_matcap.w;
#endif

    // One third of a turn of light is what a key light of intensity pi gives a white surface.
    vec3 key = u_key.rgb * 0.31830989;
    float shading = dot(n, u_key_toward.xyz);
#ifdef SHADOW_TAPS
    shading = mix(-1.0, shading, key_arrives(v_shadow));
#endif
    float toony = u_toon.x;
    shading = clamp((shading + shift + 1.0 - toony) / max(2.0 - 2.0 * toony, 0.0001), 0.0, 1.0);
#ifndef KEY_LIGHT
    shading = 0.0;
#endif
    vec3 light = mix(shade, base.rgb, shading) * key;

    vec3 uniform_light = (ambient(vec3(0.0, 1.0, 0.0)) + ambient(vec3(0.0, -1.0, 0.0))) * 0.5;
    light += mix(light_around(n, flat_n), uniform_light, u_toon.y) * base.rgb;

#if defined(RIM) || defined(MATCAP_MAP)
    vec3 v = normalize(v_view);
    vec3 rim = vec3(0.0);
#ifdef MATCAP_MAP
    vec3 side = normalize(vec3(v.z, 0.0, -v.x));
    vec2 matcap_at = vec2(dot(side, n), dot(cross(v, side), n)) * 0.495 + 0.5;
    rim = u_matcap.rgb * linear(texture(t_matcap, vec2(matcap_at.x, 1.0 - matcap_at.y)).rgb);
#endif
#ifdef RIM
    rim += u_rim.rgb * pow(clamp(1.0 - dot(n, v) + u_toon.w, 0.0, 1.0), max(u_toon.z, 0.0001));
#endif
#ifdef RIM_MAP
    rim *= linear(texture(t_rim, RIM_UV).rgb);
#endif
    light += rim * mix(vec3(1.0), key + uniform_light, u_rim.w);
#endif

#ifdef EMISSIVE
    vec3 emissive = u_emissive.rgb;
#ifdef EMISSIVE_MAP
    emissive *= linear(texture(t_emissive, EMISSIVE_UV).rgb);
#endif
    light += emissive;
#endif

#ifdef OUTLINE
    light = u_outline.rgb * mix(vec3(1.0), light, u_outline.w);
#endif
    out_color = vec4(to_srgb(min(light, vec3(1.0))) * vignette(), alpha);
#if defined(ALPHA_BLEND) || defined(ALPHA_MASK)
    out_color.rgb *= alpha;
#endif
}
