"""Contrast of everything that is written on a page, as the browser drew it (WCAG 2.2, 1.4.3)."""

LEAST = 4.5

# Each text against the ground that it stands on; what is below is told with its ratio.
SCRIPT = """
(() => {
  const parse = said => (said.match(/[\\d.]+/g) || [0, 0, 0, 0]).map(Number);
  const light = ([r, g, b]) => [r, g, b]
    .map(c => c / 255).map(c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
    .reduce((sum, c, at) => sum + c * [0.2126, 0.7152, 0.0722][at], 0);
  const isDark = matchMedia('(prefers-color-scheme: dark)').matches;
  const canvas = isDark ? [18, 18, 18] : [255, 255, 255];
  const ground = element => {
    for (let at = element; at; at = at.parentElement) {
      const colour = parse(getComputedStyle(at).backgroundColor);
      if (colour.length < 4 || colour[3] > 0) return colour;
    }
    return canvas;
  };
  const faint = [];
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const element = texts.currentNode.parentElement;
    if (!texts.currentNode.data.trim() || !element.checkVisibility()) continue;
    const [one, other] = [parse(getComputedStyle(element).color), ground(element)].map(light);
    const ratio = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
    if (ratio < LEAST) faint.push(`${ratio.toFixed(2)} ${texts.currentNode.data.trim()}`);
  }
  return faint;
})()
""".replace("LEAST", str(LEAST))
