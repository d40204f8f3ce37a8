"""Scalps whose truth is known: drawn from a seed, then photographed with any pose, light and camera.

    scene = scalp(3)                                    # a person, hair as combed on the first day
    shot = photograph(scene, **follow_up(rng), **mild(rng), seed=1)
    shot.jpeg, shot.rgb                                 # what a phone would send
    shot.to_canvas, shot.truth_to(other)                # where each pixel lies: 3x3, pixels
    shot.true_coverage, shot.true_redness               # what a perfect measurement would say

The same person with other hair: `scalp(3, density=1.3)`; re-combed: `scalp(3, comb=7)`, half of the locks:
`scalp(3, comb=7, recombed=0.5)`, only where the hair thins: `scalp(3, comb=7, where="centre")`. Another person is
another seed; another view is `view="crown"` or `"temple"`; something else is `thing(seed)`. All drawn, no person in it.
"""

from benchmarks.truth.camera import Shot, elsewhere, follow_up, ghosted, mild, photograph, strong
from benchmarks.truth.scene import FRAME, Scene, scalp, thing

__all__ = [
    "FRAME",
    "Scene",
    "Shot",
    "elsewhere",
    "follow_up",
    "ghosted",
    "mild",
    "photograph",
    "scalp",
    "strong",
    "thing",
]
