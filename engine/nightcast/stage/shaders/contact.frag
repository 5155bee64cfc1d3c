uniform vec3 u_extent;
in vec2 v_disc;
out vec4 out_color;

void main() {
    float inside = clamp(1.0 - dot(v_disc, v_disc), 0.0, 1.0);
    out_color = vec4(vec3(1.0 - u_extent.z * inside * inside), 1.0);
}
