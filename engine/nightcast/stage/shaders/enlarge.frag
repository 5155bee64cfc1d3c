// A smaller picture of the scene, colour and depth, on the whole of a greater one.
uniform sampler2D t_base;
uniform sampler2D t_surface;  // its depth
in vec2 v_at;
out vec4 out_color;

void main() {
    out_color = texture(t_base, v_at);
    gl_FragDepth = texture(t_surface, v_at).r;
}
