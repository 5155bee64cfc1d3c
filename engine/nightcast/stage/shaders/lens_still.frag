// A still picture through a lens: gathered at a part of its size with its spread in alpha (GATHER), spread out (SPREAD),
// and laid over the sharp picture where that is not sharp.
#include "lens.glsl"
uniform sampler2D t_base;
in vec2 v_at;
out vec4 out_color;

#ifdef GATHER
void main() {
    vec2 texel = 1.0 / vec2(textureSize(t_base, 0));
    vec3 sum = texture(t_base, v_at + texel * vec2(-1.0, -1.0)).rgb + texture(t_base, v_at + texel * vec2(1.0, -1.0)).rgb
        + texture(t_base, v_at + texel * vec2(-1.0, 1.0)).rgb + texture(t_base, v_at + texel * vec2(1.0, 1.0)).rgb;
    out_color = vec4(sum * 0.25, 0.5 + 0.5 * spread(v_at) / u_focus.w);
}
#elif defined(SPREAD)
uniform vec2 u_pixel;  // of the whole picture, in texture coordinates
const float GOLDEN_ANGLE = 2.3999632;

void main() {
    vec4 here = texture(t_base, v_at);
    float own = abs(here.a * 2.0 - 1.0) * u_focus.w;
    // Lamps stay bright when they are spread: light is added, not its encoding.
    vec3 sum = here.rgb * here.rgb;
    float leak = 0.0;
    for (int i = 1; i <= TAPS; i++) {
        float away = u_focus.w * sqrt(float(i) / float(TAPS));
        float turn = float(i) * GOLDEN_ANGLE;
        vec4 there = texture(t_base, v_at + u_pixel * away * vec2(cos(turn), sin(turn)));
        // What lies behind does not spread over what is sharper in front of it.
        float reach = abs(there.a * 2.0 - 1.0) * u_focus.w;
        reach = there.a > here.a ? min(reach, 2.0 * own) : reach;
        float share = clamp(reach - away + 1.0, 0.0, 1.0);
        sum += mix(sum / float(i), there.rgb * there.rgb, share);
        leak += there.a < 0.49 && there.a < here.a ? share : 0.0;
    }
    out_color = vec4(sqrt(sum / float(TAPS + 1)), min(2.0 * leak / float(TAPS), 1.0));
}
#else
uniform sampler2D t_soft;

void main() {
    vec4 soft = texture(t_soft, v_at);
    float share = max(smoothstep(0.7, 3.0, abs(spread(v_at))), soft.a);
    out_color = vec4(soft.rgb, 1.0) * share;
}
#endif
