// Lines along visible edges, drawn over the finished picture to smooth them.
#include "scene.glsl"
in vec3 in_position;
noperspective out vec2 v_at;

void main() {
    // Nearer than the edge by 1 % of the distance: just inside its silhouette, a curved surface is nearer as well.
    vec3 position = mix(in_position, u_eye.xyz, 0.01);
    gl_Position = u_view_projection * vec4(position, 1.0);
    vec4 exact = u_view_projection * vec4(in_position, 1.0);
    gl_Position.xy = exact.xy / exact.w * gl_Position.w;
    v_at = exact.xy / exact.w * 0.5 + 0.5;
}
