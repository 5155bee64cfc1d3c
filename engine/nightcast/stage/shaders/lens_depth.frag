// The depth of a picture at a part of its size.
uniform sampler2D t_depth;
in vec2 v_at;

void main() {
    gl_FragDepth = texture(t_depth, v_at).r;
}
