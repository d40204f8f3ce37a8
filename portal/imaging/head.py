"""Where in a picture the head surely is: what may decide how a photo lies.

Learned from the picture itself: the region is scalp, the picture's edge mostly is not, and between them colours and
edges decide (GrabCut on a small copy). Thin bridges to things of the same colour are cut off.
"""

from typing import Final

import cv2
import numpy as np

from portal.imaging.measured import Ellipse
from portal.imaging.pictures import Mask, Numbers, Picture, mask

_WIDTH: Final = 128
_SURE, _LIKELY, _MOST = 1.2, 1.6, 1.9  # times the region
_BRIDGE: Final = 19  # pixels of the small copy: 15 % of the width
_ROUNDS: Final = 3
_NONE: Final = np.zeros((1, 65))  # GrabCut's idea of the colours, before it has one


def head(rgb: Picture, region: Ellipse) -> Mask:
    """A small mask of the head around the region; never empty."""
    height = max(round(rgb.shape[0] * _WIDTH / rgb.shape[1]), 1)
    small = np.asarray(cv2.resize(rgb, (_WIDTH, height), interpolation=cv2.INTER_AREA), np.uint8)
    small = np.asarray(cv2.GaussianBlur(small, (0, 0), 1.5), np.uint8)
    sure = mask(region, small, _SURE)
    found = np.full(small.shape[:2], cv2.GC_PR_BGD, np.uint8)
    found[mask(region, small, _LIKELY)] = cv2.GC_PR_FGD
    found[sure] = cv2.GC_FGD
    found[~mask(region, small, _MOST)] = cv2.GC_BGD
    if sure.any() and (found == cv2.GC_BGD).any():
        cv2.setRNGSeed(1)
        cv2.grabCut(small, found, (0, 0, 1, 1), _NONE.copy(), _NONE.copy(), _ROUNDS, cv2.GC_INIT_WITH_MASK)
    return _in_one_piece((found == cv2.GC_FGD) | (found == cv2.GC_PR_FGD), sure)


def on(found: Mask, points: Numbers) -> Mask:
    """Which of the points (rows of x / width, y / width) lie on the head."""
    height, width = found.shape
    columns, rows = (points * width).astype(int).T
    return np.asarray(found[rows.clip(0, height - 1), columns.clip(0, width - 1)], np.bool_)


def _in_one_piece(found: Mask, sure: Mask) -> Mask:
    brush = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (_BRIDGE, _BRIDGE))
    opened = cv2.morphologyEx(cv2.erode(found.astype(np.uint8), np.ones((3, 3), np.uint8)), cv2.MORPH_OPEN, brush)
    _, pieces = cv2.connectedComponents(opened)
    touched = np.unique(pieces[sure & (opened > 0)])
    return np.asarray(sure | np.isin(pieces, touched[touched > 0]), np.bool_)
