// What the fragment shaders of all materials begin with: base colour, alpha, normal.
in vec3 v_view;  // to the eye
in vec3 v_normal;
#ifdef UV_COUNT
in vec2 v_uv[UV_COUNT];
#endif
#ifdef NORMAL_MAP
in vec4 v_tangent;
#endif
#if defined(NORMAL_MAP) || defined(JOINED_MAPS)
uniform sampler2D t_normal;
#endif
#ifdef VERTEX_COLOR
in vec4 v_color;
#endif
#ifdef BASE_MAP
uniform sampler2D t_base;
#endif
#ifdef MAKEUP
uniform sampler2D t_makeup;
#endif
#ifdef MAKEUP_FINISH
uniform sampler2D t_makeup_finish;  // roughness, metal, flakes, where the layer covers
#endif

#ifdef VERTEX_AMBIENT
in vec3 v_ambient;
#endif

out vec4 out_color;

vec3 linear(vec3 c) {
#ifdef SRGB_TEXTURES
    return c;
#else
    return from_srgb(c);
#endif
}

vec4 base_texel() {
#ifdef BASE_MAP
    return texture(t_base, BASE_UV);
#else
    return vec4(1.0);
#endif
}

vec4 base_color(vec4 texel) {
    vec4 color = u_base;
#ifdef BASE_MAP
    color *= vec4(linear(texel.rgb), texel.a);
#endif
#ifdef VERTEX_COLOR
    color *= v_color;
#endif
    return color;
}

// Alpha as the alpha mode wants it. A mask is sharpened to one pixel, so that blending smooths its edge.
float coverage(float alpha) {
#ifdef ALPHA_MASK
    alpha = clamp((alpha - u_emissive.w) / max(fwidth(alpha), 0.02) + 0.5, 0.0, 1.0);
    if (alpha < 0.03) discard;
    return alpha;
#elif defined(ALPHA_BLEND)
    return alpha;
#else
    return 1.0;
#endif
}

vec3 faced_normal() {
    vec3 n = normalize(v_normal);
#ifdef DOUBLE_SIDED
    if (!gl_FrontFacing) n = -n;
#endif
    return n;
}

#ifdef NORMAL_MAP
// The vertex normal n, bent as a normal map's texel has it in tangent space.
vec3 bent_normal(vec3 n, vec2 texel, float scale) {
    vec3 t = v_tangent.xyz;
    vec3 b = cross(n, t) * v_tangent.w;
    vec2 xy = texel * 2.0 - 1.0;
    float z = sqrt(max(0.0, 1.0 - dot(xy, xy)));
    xy *= scale;
    return normalize(t * xy.x + b * xy.y + n * z);
}
#endif

// Light from all around at n, where a map bent the vertices' normal flat_n to that.
vec3 light_around(vec3 n, vec3 flat_n) {
#if defined(VERTEX_AMBIENT) && defined(NORMAL_MAP)
    vec3 bend = n - flat_n;
    return max(v_ambient + 0.488603 * (u_sh[1].rgb * bend.y + u_sh[2].rgb * bend.z + u_sh[3].rgb * bend.x), 0.0);
#elif defined(VERTEX_AMBIENT)
    return v_ambient;
#else
    return ambient(n);
#endif
}
