// One thing, drawn small and alone, spread over discs of one radius; premultiplied.
uniform sampler2D t_base;
uniform vec2 u_reach;  // of the disc, in texture coordinates
in vec2 v_at;
out vec4 out_color;

const float GOLDEN_ANGLE = 2.3999632;

void main() {
    vec4 sum = texture(t_base, v_at);
    for (int i = 1; i <= TAPS; i++) {
        float turn = float(i) * GOLDEN_ANGLE;
        sum += texture(t_base, v_at + u_reach * sqrt(float(i) / float(TAPS)) * vec2(cos(turn), sin(turn)));
    }
    out_color = sum / float(TAPS + 1);
}
