// What all programs know of the picture. Matrices take column vectors; world space, metres, linear colours.
layout(std140) uniform Scene {
    mat4 u_view_projection;
    mat4 u_shadow;       // world to shadow map, 0..1
    vec4 u_eye;          // xyz world; w time in seconds
    vec4 u_key_toward;   // xyz unit, to the key light; w is the radius of the shadow's blur in its map, 0..1
    vec4 u_key;          // rgb irradiance of the key light on a surface that faces it; w shadow strength
    vec4 u_forward;      // xyz unit, the way the camera looks; w the tangent of half the field of view
    vec4 u_bias;         // x metres along the normal at which shadow is looked up, so that a surface spares itself
    vec4 u_sh[18];       // irradiance / pi of everything but the key light
};

vec3 ambient(vec3 n) {
    vec3 sum = u_sh[0].rgb * 0.282095
        + 0.488603 * (u_sh[1].rgb * n.y + u_sh[2].rgb * n.z + u_sh[3].rgb * n.x)
        + 1.092548 * (u_sh[4].rgb * (n.x * n.y) + u_sh[5].rgb * (n.y * n.z) + u_sh[7].rgb * (n.x * n.z))
        + u_sh[6].rgb * (0.315392 * (3.0 * n.z * n.z - 1.0))
        + u_sh[8].rgb * (0.546274 * (n.x * n.x - n.y * n.y));
    // Degree 4: without it one strong lamp above would glow on what looks down.
    vec3 q = n * n;
    float across = q.x - q.y;
    float band = 7.0 * q.z - 3.0;
    sum += u_sh[9].rgb * (2.503343 * n.x * n.y * across)
        + u_sh[10].rgb * (1.770131 * n.y * n.z * (3.0 * q.x - q.y))
        + u_sh[11].rgb * (0.946175 * n.x * n.y * (band + 2.0))
        + u_sh[12].rgb * (0.669047 * n.y * n.z * band)
        + u_sh[13].rgb * (0.105786 * (5.0 * q.z * (band - 3.0) + 3.0))
        + u_sh[14].rgb * (0.669047 * n.x * n.z * band)
        + u_sh[15].rgb * (0.473087 * across * (band + 2.0))
        + u_sh[16].rgb * (1.770131 * n.x * n.z * (q.x - 3.0 * q.y))
        + u_sh[17].rgb * (0.625836 * (across * across - 4.0 * q.x * q.y));
    return max(sum, vec3(0.0));
}
