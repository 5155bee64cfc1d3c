// One triangle that covers the screen, at a depth. v_at is 0..1, row 0 the picture's top.
uniform float u_at_depth;  // -1..1
out vec2 v_at;

void main() {
    v_at = vec2((gl_VertexID << 1) & 2, gl_VertexID & 2);
    gl_Position = vec4(v_at * 2.0 - 1.0, u_at_depth, 1.0);
}
