"""Run a module that archdsl compiled on a picture: `run_on_image.py MODULE IMAGE`.

Where there is no picture, one is painted. The weights are the initial ones, so the scores say nothing of it.
"""

from __future__ import annotations

import runpy
import sys
from pathlib import Path

import torch
from PIL import Image, ImageDraw

MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


def paint(path: Path) -> None:
    """A sun over the sea."""
    picture = Image.new("RGB", (224, 224), (120, 170, 220))
    draw = ImageDraw.Draw(picture)
    draw.ellipse((80, 40, 144, 104), fill=(250, 210, 90))
    draw.rectangle((0, 150, 224, 224), fill=(20, 60, 120))
    picture.save(path)


def load(path: Path) -> torch.Tensor:
    """The picture as a batch of one, normalised as usual for ImageNet."""
    picture = Image.open(path).convert("RGB").resize((224, 224))
    pixels = torch.frombuffer(bytearray(picture.tobytes()), dtype=torch.uint8).reshape(224, 224, 3)
    return ((pixels / 255 - torch.tensor(MEAN)) / torch.tensor(STD)).permute(2, 0, 1).unsqueeze(0)


def main(module: Path, image: Path) -> None:
    if not image.exists():
        paint(image)
    torch.manual_seed(0)
    net = runpy.run_path(str(module))[module.stem]().eval()
    with torch.inference_mode():
        scores = net(load(image))[0]
    best = scores.topk(3)
    print(f"{module.name} on {image.name}: {len(scores)} scores, the highest at", *best.indices.tolist())


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
