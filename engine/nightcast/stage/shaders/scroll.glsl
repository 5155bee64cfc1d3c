// MToon's moving texture coordinates, by the time of the picture and a mask 0..1. What is seen turns clockwise.
vec2 animated(vec2 uv, float mask) {
    float turn = u_scroll.z * u_eye.w * mask;
    float c = cos(turn);
    float s = sin(turn);
    vec2 from_center = uv - 0.5;
    uv = vec2(c * from_center.x + s * from_center.y, c * from_center.y - s * from_center.x) + 0.5;
    return uv + u_scroll.xy * u_eye.w * mask;
}
