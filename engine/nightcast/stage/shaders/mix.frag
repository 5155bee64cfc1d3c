// The picture that was held, over the new one. u_mix is progress 0..1, kind (0 dissolve, 1 dip, 2 wipe, 3 zoom),
// and the direction of a wipe. A zoom goes to u_toward, in shares of the held picture.
uniform sampler2D t_base;
uniform vec4 u_mix;
uniform vec3 u_color;
uniform vec2 u_toward;
in vec2 v_at;
out vec4 out_color;

void main() {
    float progress = u_mix.x;
    vec2 at = v_at;
    vec3 color = vec3(0.0);
    float alpha = 1.0 - progress;
    if (u_mix.y == 2.0) {
        float across = dot(v_at - 0.5, u_mix.zw) / (abs(u_mix.z) + abs(u_mix.w)) + 0.5;
        alpha = smoothstep(progress * 1.1 - 0.1, progress * 1.1, across);
    } else if (u_mix.y == 3.0) {
        // What lies at u_toward grows and comes to the middle, as far as the held picture reaches.
        float scale = 1.0 + progress;
        vec2 seen = clamp(mix(u_toward, vec2(0.5), progress), 1.0 - scale * (1.0 - u_toward), scale * u_toward);
        at = u_toward + (v_at - seen) / scale;
    }
    color = texture(t_base, at).rgb;
    if (u_mix.y == 1.0) {
        color = mix(color, u_color, clamp(progress * 2.0, 0.0, 1.0));
        alpha = clamp(2.0 - progress * 2.0, 0.0, 1.0);
    }
    out_color = vec4(color * alpha, alpha);
}
