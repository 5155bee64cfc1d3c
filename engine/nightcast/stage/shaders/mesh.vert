// Vertices of all materials. Skinned vertices arrive posed, in world space, with u_model the identity.
#ifdef VERTEX_LIT
#undef NORMAL_MAP
#endif
#include "scene.glsl"
#include "material.glsl"

uniform mat4 u_model;
uniform mat3 u_normal;

in vec3 in_position;
in vec3 in_normal;
#ifdef UV_COUNT
in vec2 in_uv0;
#ifdef HAS_UV1
in vec2 in_uv1;
#endif
out vec2 v_uv[UV_COUNT];
#endif
#ifdef NORMAL_MAP
in vec4 in_tangent;
out vec4 v_tangent;
#endif
#ifdef VERTEX_COLOR
in vec4 in_color;
out vec4 v_color;
#endif

out vec3 v_view;  // to the eye
out vec3 v_normal;
#ifdef SHADOW_TAPS
out vec3 v_shadow;
#endif
#ifdef VERTEX_AMBIENT
out vec3 v_ambient;
#endif
#ifdef VERTEX_LIT
#include "env.glsl"
#include "lobes.glsl"
out vec3 v_diffuse;
out vec3 v_specular;
out vec3 v_key;
#endif

#ifdef UV_ANIMATION
#include "scroll.glsl"
#endif
#ifdef UV_COUNT
vec2 transformed(vec2 uv, int i) {
#if defined(UV_ANIMATION) && !defined(UV_MASK_MAP)
    uv = animated(uv, 1.0);
#endif
    return vec2(dot(u_uv[2 * i].xy, uv) + u_uv[2 * i].z, dot(u_uv[2 * i + 1].xy, uv) + u_uv[2 * i + 1].z);
}
#endif

#ifdef VERTEX_LIT
// What `pbr.frag` does for a pixel, for a dielectric without maps but its base colour.
void light_vertex(vec3 position, vec3 n) {
    vec3 v = normalize(u_eye.xyz - position);
#ifdef DOUBLE_SIDED
    n = dot(n, v) < 0.0 ? -n : n;
#endif
    float roughness = max(u_surface.y, 0.045);
    float facing = dot(n, v);
    float nv = clamp(facing, 0.001, 1.0);
    vec2 split = split_sum(nv, roughness);
    vec3 single = u_specular.rgb * split.x + u_specular.w * split.y;
    v_diffuse = ambient(n) * (1.0 - single);
    v_specular = mirrored(reflect(-v, n), roughness) * single;
    float toward = dot(n, u_key_toward.xyz);
    float nl = clamp(toward, 0.0, 1.0);
    float square = half_square(dot(u_key_toward.xyz, v));
    float fresnel = u_specular.g + (u_specular.w - u_specular.g) * fifth(1.0 - 0.5 * sqrt(square));
    vec2 key = nl * vec2(0.31830989, fresnel * ggx(nl, nv, max(toward + facing, 0.0), square, roughness));
    v_key = vec3(key, mirrored_share(split));
}
#endif

void main() {
    vec4 position = u_model * vec4(in_position, 1.0);
    v_normal = u_normal * in_normal;
    v_view = u_eye.xyz - position.xyz;
#ifdef OUTLINE
    vec3 away = normalize(v_normal);
#ifdef OUTLINE_SCREEN
    float depth = dot(position.xyz - u_eye.xyz, u_forward.xyz);
    position.xyz += away * (u_scroll.w * 2.0 * depth * u_forward.w);
#else
    position.xyz += away * u_scroll.w;
#endif
#endif
    gl_Position = u_view_projection * position;
#ifdef NORMAL_MAP
    v_tangent = vec4(mat3(u_model) * in_tangent.xyz, in_tangent.w);
#endif
#ifdef VERTEX_COLOR
    v_color = in_color;
#endif
#ifdef SHADOW_TAPS
    vec3 off = normalize(v_normal);
    off *= dot(off, u_key_toward.xyz) < 0.0 ? -u_bias.x : u_bias.x;
    v_shadow = (u_shadow * vec4(position.xyz + off, 1.0)).xyz;
#endif
#ifdef VERTEX_AMBIENT
    v_ambient = ambient(normalize(v_normal));
#endif
#ifdef VERTEX_LIT
    light_vertex(position.xyz, normalize(v_normal));
#endif
#ifdef UV_COUNT
    v_uv[0] = transformed(UV_SET_0, 0);
#if UV_COUNT > 1
    v_uv[1] = transformed(UV_SET_1, 1);
#endif
#if UV_COUNT > 2
    v_uv[2] = transformed(UV_SET_2, 2);
#endif
#if UV_COUNT > 3
    v_uv[3] = transformed(UV_SET_3, 3);
#endif
#endif
}
