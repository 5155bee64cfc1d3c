uniform sampler2D t_base;
uniform vec4 u_place;
in vec2 v_at;
out vec4 out_color;

void main() {
    out_color = texture(t_base, v_at) * u_place.w;
}
