// Darkens the corners; multiplies what is there.
uniform float u_strength;
in vec2 v_at;
out vec4 out_color;

void main() {
    vec2 from_center = (v_at - 0.5) * 1.4;
    float fall = clamp(dot(from_center, from_center), 0.0, 1.0);
    out_color = vec4(vec3(1.0 - u_strength * fall * fall), 1.0);
}
