uniform sampler2D t_base;
in vec2 v_at;
out vec4 out_color;

void main() {
    out_color = texture(t_base, v_at);
}
