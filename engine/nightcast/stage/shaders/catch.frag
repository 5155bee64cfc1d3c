// The moving things' shadow on what stands still: darkens what is already there, by what share of its light the key
// light gives. Surfaces are found again from the depth of the still picture.
#include "scene.glsl"
#include "shadow.glsl"
uniform sampler2D t_depth;
uniform mat4 u_unproject;  // clip space as drawn, to world
in vec2 v_at;
out vec4 out_color;

void main() {
    float depth = texelFetch(t_depth, ivec2(gl_FragCoord.xy), 0).r;
    vec4 unprojected = u_unproject * vec4(vec3(v_at, depth) * 2.0 - 1.0, 1.0);
    vec3 position = unprojected.xyz / unprojected.w;
    vec3 n = cross(dFdx(position), dFdy(position));
    n = dot(n, u_eye.xyz - position) < 0.0 ? -n : n;
    float facing = dot(n, u_key_toward.xyz) * inversesqrt(max(dot(n, n), 1e-12));
    vec3 at = (u_shadow * vec4(position, 1.0)).xyz;
    at.z -= 0.004;
    float lit = depth < 1.0 ? key_arrives(at) : 1.0;
    float key = dot(u_key.rgb, vec3(0.2126, 0.7152, 0.0722)) * 0.31830989 * max(facing, 0.0);
    float rest = dot(u_sh[0].rgb, vec3(0.2126, 0.7152, 0.0722)) * 0.282095;
    // The square root is what a share of light is in sRGB's encoding, near enough for a shadow.
    out_color = vec4(vec3(sqrt((rest + lit * key) / max(rest + key, 0.0001))), 1.0);
}
