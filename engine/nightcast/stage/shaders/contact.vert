// A disc on a horizontal surface.
#include "scene.glsl"
uniform vec4 u_center;  // xyz world; w turn in radians
uniform vec3 u_extent;  // radius along x and z in metres, strength
out vec2 v_disc;

void main() {
    v_disc = vec2(gl_VertexID & 1, gl_VertexID >> 1) * 2.0 - 1.0;
    vec2 flat_at = v_disc * u_extent.xy;
    float c = cos(u_center.w);
    float s = sin(u_center.w);
    vec3 position = u_center.xyz + vec3(c * flat_at.x + s * flat_at.y, 0.003, c * flat_at.y - s * flat_at.x);
    gl_Position = u_view_projection * vec4(position, 1.0);
}
