// Vertices of all materials. Skinned vertices arrive posed, in world space, with u_model the identity.
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

out vec3 v_position;
out vec3 v_normal;
#ifdef SHADOW_TAPS
out vec3 v_shadow;
#endif
#ifdef VERTEX_AMBIENT
out vec3 v_ambient;
#endif

#ifdef UV_COUNT
vec2 transformed(vec2 uv, int i) {
    return vec2(dot(u_uv[2 * i].xy, uv) + u_uv[2 * i].z, dot(u_uv[2 * i + 1].xy, uv) + u_uv[2 * i + 1].z);
}
#endif

void main() {
    vec4 position = u_model * vec4(in_position, 1.0);
    v_normal = u_normal * in_normal;
    v_position = position.xyz;
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
    // Moved along the normal, so that a surface does not shade itself.
    v_shadow = (u_shadow * vec4(position.xyz + normalize(v_normal) * 0.004, 1.0)).xyz;
#endif
#ifdef VERTEX_AMBIENT
    v_ambient = ambient(normalize(v_normal));
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
