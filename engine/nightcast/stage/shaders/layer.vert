// A rectangle of output pixels, origin top left, turned about its centre.
uniform vec4 u_rect;   // x, y, width, height in pixels
uniform vec4 u_crop;   // offset and scale of texture coordinates
uniform vec4 u_place;  // width and height of the picture in pixels, turn in radians clockwise, opacity
out vec2 v_at;

void main() {
    vec2 corner = vec2(gl_VertexID & 1, gl_VertexID >> 1);
    vec2 from_center = (corner - 0.5) * u_rect.zw;
    float c = cos(u_place.z);
    float s = sin(u_place.z);
    vec2 at = u_rect.xy + 0.5 * u_rect.zw + vec2(c * from_center.x - s * from_center.y, s * from_center.x + c * from_center.y);
    v_at = u_crop.xy + corner * u_crop.zw;
    gl_Position = vec4(at / u_place.xy * 2.0 - 1.0, 0.0, 1.0);
}
