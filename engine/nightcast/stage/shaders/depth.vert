// Depth alone, for the shadow map and for occluders.
uniform mat4 u_view_projection;
uniform mat4 u_model;
in vec3 in_position;

void main() {
    gl_Position = u_view_projection * (u_model * vec4(in_position, 1.0));
}
