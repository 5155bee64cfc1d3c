// Glow around bright places, at a quarter of the picture's size: what is bright (GATHER), spread along one axis
// (SPREAD), and added to the picture.
uniform sampler2D t_base;
in vec2 v_at;
out vec4 out_color;

#ifdef GATHER
void main() {
    vec2 texel = 1.0 / vec2(textureSize(t_base, 0));
    vec3 sum = texture(t_base, v_at + texel * vec2(-1.0, -1.0)).rgb + texture(t_base, v_at + texel * vec2(1.0, -1.0)).rgb
        + texture(t_base, v_at + texel * vec2(-1.0, 1.0)).rgb + texture(t_base, v_at + texel * vec2(1.0, 1.0)).rgb;
    vec3 mean = sum * 0.25;
    float bright = max(mean.r, max(mean.g, mean.b));
    out_color = vec4(mean * smoothstep(0.7, 1.0, bright), 1.0);
}
#elif defined(SPREAD)
uniform vec2 u_step;  // from one sample to the next, in texture coordinates

void main() {
    // A Gaussian of four texels, each sample between two texels.
    vec3 sum = texture(t_base, v_at).rgb * 0.12;
    sum += (texture(t_base, v_at + u_step * 1.5).rgb + texture(t_base, v_at - u_step * 1.5).rgb) * 0.2;
    sum += (texture(t_base, v_at + u_step * 3.5).rgb + texture(t_base, v_at - u_step * 3.5).rgb) * 0.14;
    sum += (texture(t_base, v_at + u_step * 5.5).rgb + texture(t_base, v_at - u_step * 5.5).rgb) * 0.07;
    sum += (texture(t_base, v_at + u_step * 7.5).rgb + texture(t_base, v_at - u_step * 7.5).rgb) * 0.03;
    out_color = vec4(sum, 1.0);
}
#else
uniform float u_strength;

void main() {
    out_color = vec4(texture(t_base, v_at).rgb * u_strength, 0.0);
}
#endif
