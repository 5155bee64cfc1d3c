// A picture as NV12 in BT.709's limited range, four bytes to a pixel: rows of luma, then rows of Cb and Cr by turns.
// Colours stay encoded as sRGB, as the encoder's process leaves them where it converts.
uniform sampler2D t_base;
out vec4 out_color;

const vec3 LUMA = vec3(0.2126, 0.7152, 0.0722);

vec3 pixel(int x, int y) {
    return texelFetch(t_base, ivec2(clamp(x, 0, textureSize(t_base, 0).x - 1), y), 0).rgb;
}

float luma(int x, int y) {
    return (16.0 + 219.0 * dot(LUMA, pixel(x, y))) / 255.0;
}

// H.264 has a chroma sample at every second column, between two rows.
vec2 chroma(int column, int row) {
    int x = 2 * column, y = 2 * row;
    vec3 middle = pixel(x, y) + pixel(x, y + 1);
    vec3 beside = pixel(x - 1, y) + pixel(x - 1, y + 1) + pixel(x + 1, y) + pixel(x + 1, y + 1);
    vec3 color = 0.25 * middle + 0.125 * beside;
    float y_ = dot(LUMA, color);
    return (128.0 + 224.0 * vec2((color.b - y_) / 1.8556, (color.r - y_) / 1.5748)) / 255.0;
}

void main() {
    ivec2 at = ivec2(gl_FragCoord.xy);
    int x = 4 * at.x, row = at.y - textureSize(t_base, 0).y;
    out_color = row < 0
        ? vec4(luma(x, at.y), luma(x + 1, at.y), luma(x + 2, at.y), luma(x + 3, at.y))
        : vec4(chroma(x / 2, row), chroma(x / 2 + 1, row));
}
