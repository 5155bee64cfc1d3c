// Darker towards the corners, where a scene asks for it. Pixels are darkened as they are shaded: a pass of its own over
// the finished picture would touch all of them again.
#ifdef VIGNETTE
uniform vec3 u_vignette;  // one over the width and the height in pixels of what is drawn into; strength

float vignette() {
    vec2 from_center = (gl_FragCoord.xy * u_vignette.xy - 0.5) * 1.4;
    float fall = min(dot(from_center, from_center), 1.0);
    return 1.0 - u_vignette.z * fall * fall;
}
#else
float vignette() {
    return 1.0;
}
#endif
