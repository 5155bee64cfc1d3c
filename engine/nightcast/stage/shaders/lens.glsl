// What a lens makes of depth.
uniform sampler2D t_depth;
uniform vec2 u_depth;  // the projection's scale and offset
uniform vec4 u_focus;  // sharp from and to, in metres; radius in pixels of what is infinitely far away, and at most

// Radius in pixels of the disc that what is seen here is spread over; below 0 for what is nearer than the focus.
float spread(vec2 at) {
    float away = u_depth.y / (texture(t_depth, at).r * 2.0 - 1.0 + u_depth.x);
    return clamp(u_focus.z * (max(1.0 - u_focus.y / away, 0.0) - max(u_focus.x / away - 1.0, 0.0)), -u_focus.w, u_focus.w);
}
