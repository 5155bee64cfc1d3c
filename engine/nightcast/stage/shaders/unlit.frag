// KHR_materials_unlit, and sets whose light is baked in: the texture's colours as they were made, no tone mapping.
#include "scene.glsl"
#include "material.glsl"
#include "color.glsl"
#include "surface.glsl"
#include "vignette.glsl"

void main() {
#if defined(AS_MADE) && defined(BASE_MAP) && !defined(SRGB_TEXTURES) && !defined(VERTEX_COLOR)
    // Nothing is laid over the texture: to light and back again would only cost.
    vec4 made = texture(t_base, BASE_UV);
    float covered = coverage(made.a);
    out_color = vec4(made.rgb * vignette(), covered);
#if defined(ALPHA_BLEND) || defined(ALPHA_MASK)
    out_color.rgb *= covered;
#endif
    return;
#endif
    vec4 base = base_color(base_texel());
    float alpha = coverage(base.a);
#ifdef MAKEUP
    vec4 worn = texture(t_makeup, MAKEUP_UV);
    base.rgb = mix(base.rgb, linear(worn.rgb) * u_base.rgb, worn.a);
#endif
    out_color = vec4(to_srgb(base.rgb) * vignette(), alpha);
#if defined(ALPHA_BLEND) || defined(ALPHA_MASK)
    out_color.rgb *= alpha;
#endif
}
