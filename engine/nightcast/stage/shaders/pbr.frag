// glTF 2.0 metal-roughness with clearcoat, sheen, specular, ior and thin transmission.
#ifdef VERTEX_LIT
#undef NORMAL_MAP
#endif
#include "scene.glsl"
#include "material.glsl"
#include "color.glsl"
#include "surface.glsl"
#include "vignette.glsl"
#include "env.glsl"
#include "lobes.glsl"
#ifdef SHADOW_TAPS
in vec3 v_shadow;
#include "shadow.glsl"
#endif
#ifdef VERTEX_LIT
in vec3 v_diffuse;
in vec3 v_specular;
in vec3 v_key;  // what the key light adds, diffuse and specular; what the surface mirrors
#endif
#if defined(SURFACE_MAP) && !defined(JOINED_MAPS)
uniform sampler2D t_surface;
#endif
#ifdef OCCLUSION_MAP
uniform sampler2D t_occlusion;
#endif
#ifdef EMISSIVE_MAP
uniform sampler2D t_emissive;
#endif
#ifdef SPECULAR_MAP
uniform sampler2D t_specular;
#endif
#ifdef SPECULAR_COLOR_MAP
uniform sampler2D t_specular_color;
#endif
#ifdef COAT_MAP
uniform sampler2D t_coat;
#endif
#ifdef COAT_ROUGHNESS_MAP
uniform sampler2D t_coat_roughness;
#endif
#ifdef COAT_NORMAL_MAP
uniform sampler2D t_coat_normal;
#endif
#ifdef SHEEN_MAP
uniform sampler2D t_sheen;
#endif
#ifdef SHEEN_ROUGHNESS_MAP
uniform sampler2D t_sheen_roughness;
#endif
#ifdef TRANSMISSION_MAP
uniform sampler2D t_transmission;
#endif

#ifdef SHEEN
// Charlie's distribution with Neubelt's visibility, as KHR_materials_sheen has it.
float charlie(float nl, float nv, float nh2, float roughness) {
    float inverse = 1.0 / max(roughness * roughness, 0.005);
    float sin2 = max(1.0 - nh2, 0.008);
    return (2.0 + inverse) * pow(sin2, inverse * 0.5) * 0.15915494 / (4.0 * (nl + nv - nl * nv) + 0.0001);
}

// Its directional albedo: a least-squares fit, off by 0.05 at most, of the lobe integrated over the hemisphere for
// roughness 0.3 to 1 (smoother sheen is not cloth).
float charlie_albedo(float nv, float roughness) {
    float r = max(roughness, 0.3);
    float at_grazing = 0.929 + r * (-2.851 + r * 1.387);
    float slope = -7.036 + r * (11.708 - r * 6.229);
    return clamp(exp(at_grazing + nv * (slope + nv * (0.501 * r - 0.366))), 0.0, 1.0);
}
#endif

#ifdef MAKEUP_FINISH
// The normal of a shimmer's flakes, each turned its own way: a third of a millimetre on a face, and no larger on the
// screen than two pixels, since a closing lid draws its UVs long; where they are finer than pixels they are not seen.
vec3 flaked(vec3 n, vec2 uv, float amount) {
    vec2 wide = fwidth(uv) * 700.0;
    vec2 cell = floor(uv * 700.0 * exp2(max(floor(-log2(wide * 1.5)), 0.0)));
    vec3 turned = fract(sin(vec3(dot(cell, vec2(12.9898, 78.233)), dot(cell, vec2(39.346, 11.135)),
                                 dot(cell, vec2(73.156, 52.235)))) * 43758.5453) - 0.5;
    return normalize(n + turned * amount * 0.75 * clamp(1.6 - max(wide.x, wide.y), 0.0, 1.0));
}
#endif

#ifdef VERTEX_LIT
// Triangles of a few pixels: their corners were lit, which is as fine as the pixels are.
void main() {
    vec4 base = base_color(base_texel());
    float alpha = coverage(base.a);
    vec2 key = v_key.xy;
#ifdef SHADOW_TAPS
    key *= key_arrives(v_shadow);
#endif
    vec3 light = base.rgb * (v_diffuse + u_key.rgb * key.x) + v_specular + u_key.rgb * key.y;
    out_color = vec4(to_srgb(tone_map(max(light, vec3(0.0)), v_key.z)) * vignette(), alpha);
#ifdef ALPHA_MASK
    out_color.rgb *= alpha;
#endif
}
#else
void main() {
    vec4 found = base_texel();
    vec4 base = base_color(found);
    float alpha = coverage(base.a);
    vec3 flat_n = faced_normal();
#if defined(NORMAL_MAP) || defined(JOINED_MAPS)
    vec4 bump = texture(t_normal, NORMAL_UV);
#endif
#ifdef NORMAL_MAP
    vec3 n = bent_normal(flat_n, bump.xy, u_surface.z);
#else
    vec3 n = flat_n;
#endif
    float metallic = u_surface.x;
    float roughness = u_surface.y;
    float occlusion = 1.0;
#ifdef SURFACE_MAP
#ifdef JOINED_MAPS
    vec3 texel = vec3(bump.a, found.a, bump.b);
#else
    vec3 texel = texture(t_surface, SURFACE_UV).rgb;
#endif
    roughness *= texel.g;
    metallic *= texel.b;
#ifdef OCCLUSION_IN_SURFACE
    occlusion = 1.0 + u_surface.w * (texel.r - 1.0);
#endif
#endif
#ifdef OCCLUSION_MAP
    occlusion = 1.0 + u_surface.w * (texture(t_occlusion, OCCLUSION_UV).r - 1.0);
#endif
#ifdef MAKEUP
    vec4 worn = texture(t_makeup, MAKEUP_UV);
    base.rgb = mix(base.rgb, linear(worn.rgb), worn.a);
#endif
#ifdef MAKEUP_FINISH
    vec3 finish = texture(t_makeup_finish, MAKEUP_UV).rgb;
    roughness = mix(roughness, finish.r, worn.a);
    metallic = mix(metallic, finish.g, worn.a);
    n = flaked(n, MAKEUP_UV, finish.b * worn.a);
#endif
    roughness = clamp(roughness, 0.045, 1.0);

    vec3 v = normalize(v_view);
    float facing = dot(n, v);
    float nv = clamp(facing, 0.001, 1.0);
    vec3 f0 = u_specular.rgb;
    float f90 = u_specular.w;
#ifdef SPECULAR_MAP
    float weight = texture(t_specular, SPECULAR_UV).a;
    f0 *= weight;
    f90 *= weight;
#endif
#ifdef SPECULAR_COLOR_MAP
    f0 *= linear(texture(t_specular_color, SPECULAR_COLOR_UV).rgb);
#endif
    f0 = mix(f0, base.rgb, metallic);
    f90 = mix(f90, 1.0, metallic);
    vec3 albedo = base.rgb * (1.0 - metallic);

    vec3 diffuse = light_around(n, flat_n);
    vec2 split = split_sum(nv, roughness);
    vec3 single = f0 * split.x + f90 * split.y;
    // Light that bounces twice between microfacets (Fdez-Aguera 2019), else rough metals come out dark.
    vec3 average = f0 + (1.0 - f0) * 0.047619;
    float lost = 1.0 - (split.x + split.y);
    vec3 again = single * average / (1.0 - lost * average) * lost;
    vec3 specular = mirrored(reflect(-v, n), roughness) * single;
    vec3 light = occlusion * (specular + diffuse * (again + albedo * (1.0 - single - again)));

#ifdef KEY_LIGHT
    vec3 l = u_key_toward.xyz;
    float toward = dot(n, l);
    float nl = clamp(toward, 0.0, 1.0);
    float square = half_square(dot(l, v));
    float both = max(toward + facing, 0.0);
    float grazing = fifth(1.0 - 0.5 * sqrt(square));
    vec3 fresnel = f0 + (f90 - f0) * grazing;
    vec3 arriving = u_key.rgb * nl;
#ifdef SHADOW_TAPS
    arriving *= key_arrives(v_shadow);
#endif
    light += arriving * (albedo * 0.31830989 + fresnel * ggx(nl, nv, both, square, roughness));
#endif

#ifdef SHEEN
    vec3 sheen = u_sheen.rgb;
    float sheen_roughness = u_sheen.w;
#ifdef SHEEN_MAP
    sheen *= linear(texture(t_sheen, SHEEN_UV).rgb);
#endif
#ifdef SHEEN_ROUGHNESS_MAP
    sheen_roughness *= texture(t_sheen_roughness, SHEEN_ROUGHNESS_UV).a;
#endif
    sheen_roughness = clamp(sheen_roughness, 0.07, 1.0);
    float sheen_albedo = charlie_albedo(nv, sheen_roughness);
    light *= 1.0 - 0.157 * max(sheen.r, max(sheen.g, sheen.b));
    light += sheen * sheen_albedo * diffuse * occlusion;
#ifdef KEY_LIGHT
    light += sheen * arriving * charlie(max(nl, 0.001), nv, both * both / square, sheen_roughness);
#endif
#endif

#ifdef COAT
    float coat = u_coat.x;
    float coat_roughness = u_coat.y;
#ifdef COAT_MAP
    coat *= texture(t_coat, COAT_UV).r;
#endif
#ifdef COAT_ROUGHNESS_MAP
    coat_roughness *= texture(t_coat_roughness, COAT_ROUGHNESS_UV).g;
#endif
    coat_roughness = clamp(coat_roughness, 0.045, 1.0);
#if defined(COAT_NORMAL_MAP) && defined(NORMAL_MAP)
    vec3 coat_n = bent_normal(flat_n, texture(t_coat_normal, COAT_NORMAL_UV).rg, u_coat.z);
#else
    vec3 coat_n = flat_n;
#endif
    float coat_facing = dot(coat_n, v);
    float coat_nv = clamp(coat_facing, 0.001, 1.0);
    light *= 1.0 - coat * (0.04 + 0.96 * fifth(1.0 - coat_nv));
    vec2 coat_split = split_sum(coat_nv, coat_roughness);
    light += coat * occlusion * mirrored(reflect(-v, coat_n), coat_roughness) * (0.04 * coat_split.x + coat_split.y);
#ifdef KEY_LIGHT
    float coat_toward = dot(coat_n, l);
    float coat_nl = clamp(coat_toward, 0.0, 1.0);
    float coat_both = max(coat_toward + coat_facing, 0.0);
    float coat_f = 0.04 + 0.96 * grazing;
    vec3 coat_light = u_key.rgb * coat_nl;
#ifdef SHADOW_TAPS
    coat_light *= key_arrives(v_shadow);
#endif
    light += coat * coat_light * coat_f * ggx(coat_nl, coat_nv, coat_both, square, coat_roughness);
#endif
#endif

#ifdef EMISSIVE
    vec3 emissive = u_emissive.rgb;
#ifdef EMISSIVE_MAP
    emissive *= linear(texture(t_emissive, EMISSIVE_UV).rgb);
#endif
    light += emissive;
#endif

#ifdef TRANSMISSION
    float through = u_coat.w;
#ifdef TRANSMISSION_MAP
    through *= texture(t_transmission, TRANSMISSION_UV).r;
#endif
    through *= (1.0 - metallic) * (1.0 - split.x * f0.g - split.y * f90);
#ifdef TINT
    out_color = vec4(to_srgb(mix(vec3(1.0), base.rgb * through, alpha)), 1.0);  // multiplies what is behind
    return;
#endif
    light -= occlusion * diffuse * albedo * through;
#endif
    out_color = vec4(to_srgb(tone_map(max(light, vec3(0.0)), mirrored_share(split))) * vignette(), alpha);
#if defined(ALPHA_BLEND) || defined(ALPHA_MASK)
    out_color.rgb *= alpha;
#endif
}
#endif
