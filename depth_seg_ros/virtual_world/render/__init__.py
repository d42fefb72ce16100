"""The rasteriser's parts: Numba kernels over packed triangles, one step of a frame a file.

A frame goes cull -> project -> raster -> truth -> occlusion -> shade -> develop. The kernels know
arrays only; :class:`depth_seg_ros.virtual_world.render.renderer.Renderer` strings them together.

Convention: camera axes are x right, y up, z forward inside this room (so that rotations are plain
rotations of the world); pixel centres have integer coordinates; depth is z, not the ray's length.
"""
