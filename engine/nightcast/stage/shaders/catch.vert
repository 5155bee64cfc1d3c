// Triangles of a set that the moving things' shadow may reach, cut to the shadow map's frame.
#include "scene.glsl"
in vec3 in_position;
in vec3 in_normal;
out vec3 v_shadow;
out float v_facing;

void main() {
    gl_Position = u_view_projection * vec4(in_position, 1.0);
    v_facing = dot(in_normal, u_key_toward.xyz);
    v_shadow = (u_shadow * vec4(in_position + in_normal * u_bias.x, 1.0)).xyz;
    gl_ClipDistance[0] = v_shadow.x;
    gl_ClipDistance[1] = 1.0 - v_shadow.x;
    gl_ClipDistance[2] = v_shadow.y;
    gl_ClipDistance[3] = 1.0 - v_shadow.y;
}
