// Draws the pictures at the width that there is, in light or dark, and again when either changes.
(() => {
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const pictures = [...document.querySelectorAll(".picture")];
  const LABELS = 140;
  const GAP = 18;

  const theme = (isDark, width) => {
    const ink = isDark ? "#e7ebf0" : "#1b2430";
    const faint = isDark ? "#a3adba" : "#55606e";
    const line = isDark ? "#343d49" : "#d9dee5";
    const font = "system-ui, -apple-system, 'Segoe UI', Roboto, Arial, sans-serif";
    return {
      background: "transparent",
      font,
      view: { stroke: null },
      title: { color: ink, font },
      axis: {
        labelColor: faint, titleColor: faint, gridColor: line, domainColor: line, tickColor: line,
        labelFontSize: 12, titleFontSize: 12, titleFontWeight: "normal",
      },
      legend: { labelColor: ink, titleColor: faint, labelFontSize: 12, labelLimit: 320, columns: Math.max(1, Math.floor(width / 190)) },
      text: { color: ink, fontSize: 12 },
      rule: { color: isDark ? "#f0bd6c" : "#8a5300" },
      rect: { color: isDark ? "#7fd8a0" : "#17693a" },
      point: { color: isDark ? "#7db7f2" : "#0b5cad" },
      bar: { color: isDark ? "#7db7f2" : "#0b5cad" },
      line: { color: isDark ? "#7db7f2" : "#0b5cad" },
      range: {
        category: isDark
          ? ["#7db7f2", "#f0a35e", "#7fd8a0", "#e59ad0", "#d6d36a", "#9fa8ff"]
          : ["#0b5cad", "#c2560c", "#17693a", "#9b2f7e", "#7a6a00", "#4b4fc4"],
        ramp: isDark ? ["#3a4552", "#7db7f2"] : ["#c9d6e4", "#0b3d74"],
      },
    };
  };

  const fitted = (specification, layout, width) => {
    const fit = structuredClone(specification);
    if (layout === "rows") {
      for (const view of fit.vconcat) view.width = Math.max(80, width - LABELS - 20);
    } else if (layout === "tiles") {
      fit.columns = width > 720 ? 3 : width > 440 ? 2 : 1;
      const each = (width - GAP * (fit.columns - 1)) / fit.columns - 54;
      for (const view of fit.concat) view.width = Math.max(80, each);
    } else {
      fit.width = Math.max(80, width);
      fit.autosize = { type: "fit-x", contains: "padding" };
    }
    return fit;
  };

  const draw = async (picture, isDark, width) => {
    const source = picture.parentElement.querySelector("script[type='application/json']");
    const specification = fitted(JSON.parse(source.textContent), picture.dataset.layout, width);
    const target = document.createElement("div");
    target.setAttribute("aria-hidden", "true");
    await vegaEmbed(target, specification, {
      actions: false, renderer: "svg", logLevel: 1, config: theme(isDark, width), tooltip: { theme: isDark ? "dark" : "light" },
    });
    picture.querySelector("div")?.remove();
    picture.append(target);
    picture.classList.add("drawn");
  };

  const drawAll = (isDark) => {
    for (const picture of pictures) {
      const width = picture.clientWidth;
      if (width > 0) draw(picture, isDark, width);
    }
  };

  let seen = innerWidth;
  addEventListener("resize", () => {
    if (innerWidth === seen) return;
    seen = innerWidth;
    drawAll(dark.matches);
  });
  dark.addEventListener("change", () => drawAll(dark.matches));
  for (const folded of document.querySelectorAll("details.section")) {
    folded.addEventListener("toggle", () => {
      for (const picture of folded.querySelectorAll(".picture:not(.drawn)")) {
        draw(picture, dark.matches, picture.clientWidth);
      }
    });
  }
  let opened = [];
  addEventListener("beforeprint", () => {
    opened = [...document.querySelectorAll("details:not([open])")];
    for (const one of opened) one.open = true;
    drawAll(false);
  });
  addEventListener("afterprint", () => {
    for (const one of opened) one.open = false;
    drawAll(dark.matches);
  });
  drawAll(dark.matches);
})();
