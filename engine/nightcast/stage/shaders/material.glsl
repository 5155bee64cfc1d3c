// One material's numbers. Texture coordinates come transformed from the vertex shader, one pair for each different
// transform that the material uses.
layout(std140) uniform Material {
    vec4 u_base;       // linear RGBA
    vec4 u_emissive;   // rgb times strength; w alpha cutoff
    vec4 u_surface;    // metallic, roughness, normal scale, occlusion strength
    vec4 u_specular;   // rgb reflectance of the dielectric at normal incidence; w its weight
    vec4 u_coat;       // clearcoat, its roughness, its normal scale; w transmission
    vec4 u_sheen;      // rgb, roughness
    vec4 u_shade;      // MToon: shade colour; w shading shift
    vec4 u_rim;        // MToon: parametric rim; w lighting mix
    vec4 u_toon;       // MToon: toony, GI equalization, rim power, rim lift
    vec4 u_matcap;     // MToon: matcap factor; w scale of the shift texture
    vec4 u_outline;    // MToon: outline colour; w lighting mix
    vec4 u_scroll;     // MToon: UV scroll x, y per second, radians per second; w outline width
    vec4 u_uv[8];      // two rows for each of four transforms
};
