// How much of the key light arrives, 0..1, by the shadow map. SHADOW_TAPS is 1, 2, 4 or 9.
uniform sampler2DShadow t_shadow;

float key_arrives(vec3 at) {
#if SHADOW_TAPS == 1
    float lit = texture(t_shadow, at);
#else
    float texel = u_key_toward.w;
#if SHADOW_TAPS == 2
    // Pixels are shaded in squares of four. Each looks up one side of the blur, and takes the other from its neighbour.
    float side = fract(gl_FragCoord.x * 0.5) < 0.5 ? -1.0 : 1.0;
    float lit = texture(t_shadow, vec3(at.xy + texel * side * vec2(0.7, 0.4), at.z));
    lit -= 0.5 * side * dFdx(lit);
#elif SHADOW_TAPS == 4
    float lit = 0.25 * (texture(t_shadow, vec3(at.xy + texel * vec2(-0.4, -0.9), at.z))
        + texture(t_shadow, vec3(at.xy + texel * vec2(0.9, -0.4), at.z))
        + texture(t_shadow, vec3(at.xy + texel * vec2(0.4, 0.9), at.z))
        + texture(t_shadow, vec3(at.xy + texel * vec2(-0.9, 0.4), at.z)));
#else
    float lit = 0.0;
    for (int y = -1; y <= 1; y++)
        for (int x = -1; x <= 1; x++)
            lit += texture(t_shadow, vec3(at.xy + texel * vec2(x, y), at.z));
    lit /= 9.0;
#endif
#endif
    return 1.0 - u_key.w * (1.0 - lit);
}
