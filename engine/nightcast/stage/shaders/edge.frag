// A line covers the one pixel of each row (or column) that the edge cuts; it is blended with its neighbour across
// the edge, by the share of the pixel that lies beyond.
uniform sampler2D t_base;
noperspective in vec2 v_at;
out vec4 out_color;

void main() {
    vec2 offset = v_at * vec2(textureSize(t_base, 0)) - gl_FragCoord.xy;
    bool across_y = abs(offset.y) > abs(offset.x);
    float along = across_y ? offset.y : offset.x;
    float distance = dot(offset, offset) / (abs(along) < 0.0001 ? 0.0001 : along);
    ivec2 at = ivec2(gl_FragCoord.xy);
    ivec2 step = distance < 0.0 ? ivec2(-1) : ivec2(1);
    ivec2 beyond = clamp(at + (across_y ? ivec2(0, step.y) : ivec2(step.x, 0)), ivec2(0), textureSize(t_base, 0) - 1);
    float share = clamp(0.5 - abs(distance), 0.0, 0.5);
    vec4 here = texelFetch(t_base, at, 0);
    vec4 there = texelFetch(t_base, beyond, 0);
    // Where several lines cross a pixel, one that has nothing to smooth must not undo another.
    vec3 step_height = abs(here.rgb - there.rgb);
    if (max(step_height.r, max(step_height.g, step_height.b)) < 0.04) discard;
    out_color = mix(here, there, share);
}
